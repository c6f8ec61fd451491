/** Writes rows as somebody can who has write access to the shared state but no approval key; over either engine. */

import type { Redis } from 'ioredis';
import type { SharedState } from '../../src/cluster/shared-state.js';
import { CHANNEL, PREFIX, SEPARATOR } from '../../src/cluster/state/valkey-scripts.js';
import { type Approval, type Binding, keyOf } from '../../src/governance/approval/approval.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';

/** `value` may be a text that JSON.stringify would not write. */
export type Row = { value: JsonObject | string; expiresAt: number; group?: string | undefined };

/** Reads and writes raw rows, bypassing `update`. */
export type Writer = {
  read(space: string, key: string): Promise<JsonObject>;
  write(space: string, key: string, row: Row): Promise<void>;
};

/** Only the process itself can write to its memory, so the test does that in place of an attacker. */
export function memoryWriter(state: SharedState): Writer {
  return {
    async read(space, key) {
      const value = await state.get(space, key);
      if (value === undefined) throw new Error(`there is no ${key}`);
      return value;
    },
    write: (space, key, row) =>
      state.update(space, key, () => {
        const { expiresAt, group } = row;
        const value: unknown = typeof row.value === 'string' ? JSON.parse(row.value) : row.value;
        if (!isRecord(value)) throw new Error('a row is an object');
        const put = { value, expiresAt, tell: true, ...(group === undefined ? {} : { group }) };
        return { result: undefined, put };
      }),
  };
}

/** By SQL (`UPDATE barewire.state`), with the message that wakes waiting calls. */
export function sqlWriter(query: (sql: string, params: unknown[]) => Promise<unknown[]>): Writer {
  return {
    async read(space, key) {
      const [row] = await query('SELECT value FROM barewire.state WHERE space = $1 AND key = $2', [
        space,
        key,
      ]);
      const value: unknown = isRecord(row) ? JSON.parse(String(row.value)) : undefined;
      if (!isRecord(value)) throw new Error(`there is no ${key}`);
      return value;
    },
    async write(space, key, { value, expiresAt, group }) {
      await query(
        `INSERT INTO barewire.state (space, key, value, expires_at, list_group) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at,
           list_group = coalesce(excluded.list_group, barewire.state.list_group)`,
        [space, key, typeof value === 'string' ? value : JSON.stringify(value), expiresAt, group],
      );
      await query(`SELECT pg_notify('barewire_state', $1)`, [JSON.stringify({ space, key })]);
    },
  };
}

/** By commands to Valkey, with the message that wakes waiting calls. A group that is not given stays. */
export function valkeyWriter(client: Redis): Writer {
  return {
    async read(space, key) {
      const value: unknown = JSON.parse((await client.hget(valkeyKey(space, key), 'value')) ?? 'null');
      if (!isRecord(value)) throw new Error(`there is no ${key}`);
      return value;
    },
    async write(space, key, { value, expiresAt, group }) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      await client.hset(valkeyKey(space, key), { value: text, expires: expiresAt, ...(group && { group }) });
      const order = await client.incr(`${PREFIX}puts`);
      if (group) await client.zadd(`${PREFIX}group:${space}${SEPARATOR}${group}`, order, key);
      await client.publish(CHANNEL, JSON.stringify({ space, key }));
    },
  };
}

const valkeyKey = (space: string, key: string): string => `${PREFIX}value:${space}${SEPARATOR}${key}`;

/** Applies one change to the row of an approval. */
export async function tamper(
  writer: Writer,
  binding: Binding,
  change: (row: JsonObject) => JsonObject,
): Promise<void> {
  const key = keyOf(binding);
  const row = await writer.read('approval', key);
  const changed = change(row);
  const expiresAt = Number(row.expiresAt) + 60 * 60_000;
  await writer.write('approval', key, { value: changed, expiresAt, group: groupOf(binding) });
}

/** The group under which a tenant's list is read. */
export function groupOf({ server, issuer, tenant }: Pick<Approval, 'server' | 'issuer' | 'tenant'>): string {
  return JSON.stringify([server, JSON.stringify([issuer, tenant])]);
}
