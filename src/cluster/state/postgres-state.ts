/**
 * Shared state on a PostgreSQL server: one table, and one notification channel for changes. An update holds an advisory lock
 * on its key during its transaction, because a row that does not exist yet cannot be locked.
 */

import type { OnError } from '../../wire/log.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { type SharedState, StateUnavailable, type Step } from '../shared-state.js';
import { createPostgresPool } from './postgres-pool.js';
import { StateChannel } from './state-channel.js';

export type PostgresStateOptions = {
  /** `DATABASE_URL`; its role may create the schema `barewire`. */
  url: string;
  clock: () => Date;
  /** Receives errors of background work. */
  onError: OnError;
  connections?: number;
};

const SWEEP_EVERY_MS = 60_000;
/** Any number that no other program uses as a lock. */
const SET_UP_LOCK = 7_236_201;
// The first version had no groups. The table is altered only once, because that waits for every session that uses it.
// Text and not jsonb, which rejects characters that arguments may contain: NUL and lone surrogates.
const SET_UP = `
  CREATE SCHEMA IF NOT EXISTS barewire;
  CREATE TABLE IF NOT EXISTS barewire.state (
    space text NOT NULL, key text NOT NULL, value text NOT NULL, expires_at bigint NOT NULL,
    put_order bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (space, key));
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
        WHERE attrelid = 'barewire.state'::regclass AND attname = 'list_group' AND NOT attisdropped) THEN
      ALTER TABLE barewire.state ADD COLUMN list_group text;
    END IF;
  END $$;
  CREATE INDEX IF NOT EXISTS state_by_group ON barewire.state (space, list_group, put_order DESC);
  CREATE INDEX IF NOT EXISTS state_by_order ON barewire.state (space, put_order DESC);
  CREATE INDEX IF NOT EXISTS state_by_end ON barewire.state (expires_at);`;
const LOCK = 'SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))';
const READ = 'SELECT value FROM barewire.state WHERE space = $1 AND key = $2 AND expires_at > $3';
// DEFAULT draws the next number, so that put_order follows the order of writing.
const PUT = `INSERT INTO barewire.state (space, key, value, expires_at, list_group) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at,
    list_group = excluded.list_group, put_order = DEFAULT`;
const LIST = `SELECT value FROM barewire.state WHERE space = $1 AND expires_at > $2
  ORDER BY put_order DESC LIMIT $3`;
const PAGE = `SELECT value, put_order FROM barewire.state
  WHERE space = $1 AND (list_group = $2 OR list_group IS NULL) AND expires_at > $3
    AND ($4::bigint IS NULL OR put_order < $4::bigint)
  ORDER BY put_order DESC LIMIT $5`;

export function createPostgresState({
  url,
  clock,
  onError,
  connections = 4,
}: PostgresStateOptions): SharedState {
  const { pool, client, transaction } = createPostgresPool(url, connections);
  const channel = new StateChannel(client, onError);
  let preparation: Promise<void> | undefined;
  let swept = clock().getTime();

  async function whenSetUp<T>(work: () => Promise<T>): Promise<T> {
    try {
      preparation ??= transaction(async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [SET_UP_LOCK]);
        await client.query(SET_UP);
      });
      await preparation;
      return await work();
    } catch (cause) {
      // The next call repeats the set-up.
      preparation = undefined;
      if (cause instanceof StepFailed) throw cause.cause;
      throw new StateUnavailable('the shared state cannot be reached', { cause });
    }
  }

  function sweep(): void {
    const now = clock().getTime();
    if (now - swept < SWEEP_EVERY_MS) return;
    swept = now;
    pool.query('DELETE FROM barewire.state WHERE expires_at <= $1', [now]).catch((error: unknown) => {
      onError(error, 'state.unreachable');
    });
  }

  return {
    get: (space, key) =>
      whenSetUp(async () => {
        const { rows } = await pool.query(READ, [space, key, clock().getTime()]);
        return valueIn(rows[0]);
      }),
    update: (space, key, step) =>
      whenSetUp(async () => {
        sweep();
        return transaction(async (client) => {
          await client.query(LOCK, [space, key]);
          const { rows } = await client.query(READ, [space, key, clock().getTime()]);
          const { result, put } = applyStep(step, valueIn(rows[0]));
          if (put === undefined) return result;
          const { value, expiresAt, group } = put;
          await client.query(PUT, [space, key, JSON.stringify(value), expiresAt, group]);
          if (put.tell === true) await channel.tell(client, space, key);
          return result;
        });
      }),
    list: (space, limit) =>
      whenSetUp(async () => {
        const { rows } = await pool.query(LIST, [space, clock().getTime(), limit]);
        return valuesIn(rows);
      }),
    page: (space, group, limit, after) =>
      whenSetUp(async () => {
        const { rows } = await pool.query(PAGE, [space, group, clock().getTime(), after, limit]);
        const values = valuesIn(rows);
        const last: unknown = rows.at(-1);
        if (rows.length < limit || !isRecord(last)) return { values };
        return { values, next: String(last.put_order) };
      }),
    watch: (space, listener) => channel.watch(space, listener),
    ready: () => whenSetUp(async () => void (await pool.query('SELECT'))),
    async close() {
      await channel.close();
      await pool.end();
    },
  };
}

/** Keeps an error of a step apart from one of the server. */
class StepFailed extends Error {}

function applyStep<Result>(
  step: (value: JsonObject | undefined) => Step<Result>,
  value: JsonObject | undefined,
): Step<Result> {
  try {
    return step(value);
  } catch (cause) {
    throw new StepFailed('a step failed', { cause });
  }
}

/** Skips rows that contain no JSON, which this server did not write. */
function valuesIn(rows: readonly unknown[]): JsonObject[] {
  return rows.flatMap((row): JsonObject[] => {
    try {
      const value = valueIn(row);
      return value === undefined ? [] : [value];
    } catch {
      return [];
    }
  });
}

function valueIn(row: unknown): JsonObject | undefined {
  const value: unknown = isRecord(row) && typeof row.value === 'string' ? JSON.parse(row.value) : undefined;
  return isRecord(value) ? value : undefined;
}
