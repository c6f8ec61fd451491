/**
 * The rows of approvals in the shared state. An approval has two: itself, under the hash of its call, and a pointer to that row
 * under its id. Each row that is read is checked against its seal (seal.ts). A row without a valid seal approves nothing and is
 * reported once.
 *
 * Rows from versions without seals are not trusted either, because anybody who can write to the state could forge one. That costs
 * a person one click: the same call is asked about again, under a new id.
 */

import type { SharedState, Step } from '../../cluster/shared-state.js';
import { tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import { type Approval, isExpired, isOfTenant, type Tenant } from './approval.js';
import { keyOf } from './binding.js';
import { openRow, type SealKeys, sealRow } from './seal.js';

export type RowsOptions = {
  state: SharedState;
  server: string;
  keys: () => SealKeys;
  now: () => number;
  /** Called once for each row that this service did not write as it is. */
  onError: (error: unknown, about: string) => void;
};

const SPACE = 'approval';
const BY_ID = 'approval-id';
/** How long a finished approval is kept, so that pages and refusals of a second use can name it, milliseconds. */
const KEPT_MS = 60 * 60_000;
/** How many of a tenant's requests are read at once. */
const PAGE_SIZE = 500;
/** Far more than places.ts allows, because expired requests are kept for a while. */
const MAX_PAGES = 50;
/** Decided approvals are not listed. */
const DECIDED = '';
const MAX_REPORTED = 1_000;

export type Rows = ReturnType<typeof createRows>;

export function createRows({ state, server, keys, now, onError }: RowsOptions) {
  const reported = new Set<string>();
  const groupOf = (tenant: Tenant): string => JSON.stringify([server, tenantKey(tenant)]);

  /** The approval in a row of the state. */
  function open(row: JsonObject | undefined, key: string): Approval | undefined {
    if (row === undefined) return undefined;
    const approval = openRow(row, key, keys());
    if (approval === undefined) report(row, key);
    return approval;
  }

  function report({ id, seal }: JsonObject, key: string): void {
    // Anything may stand there, also what is too deep to be written again.
    const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : typeof value);
    const which = JSON.stringify([key, text(id), text(seal)]);
    if (reported.has(which)) return;
    if (reported.size >= MAX_REPORTED) reported.clear();
    reported.add(which);
    const why =
      seal === undefined
        ? 'has no seal: an earlier version wrote it, or somebody without an approval key'
        : 'does not match its seal: somebody without an approval key changed it, or the keys were replaced';
    const said = `the row ${key.slice(0, 16)}… ${why}. It approves nothing; the caller has to send the call again`;
    onError(new Error(said), 'approvals');
  }

  function put(approval: Approval): Step<Approval> {
    const group = approval.state === 'pending' ? groupOf(approval) : DECIDED;
    const expiresAt = approval.expiresAt + KEPT_MS;
    return { result: approval, put: { value: sealRow(approval, keys()), expiresAt, tell: true, group } };
  }

  /** `broken`: there is a row, but its seal is not valid. */
  async function read(key: string): Promise<{ approval: Approval | undefined; broken: boolean }> {
    const row = await state.get(SPACE, key);
    const approval = open(row, key);
    return { approval, broken: row !== undefined && approval === undefined };
  }

  const get = async (key: string): Promise<Approval | undefined> => (await read(key)).approval;

  return {
    open,
    put,
    read,
    get,
    update: <Result>(key: string, step: (row: JsonObject | undefined) => Step<Result>): Promise<Result> =>
      state.update(SPACE, key, step),

    /** Stores the pointer from the id to the approval. */
    point: (id: string, key: string, expiresAt: number): Promise<void> =>
      state.update(BY_ID, id, () => ({
        result: undefined,
        put: { value: { key }, expiresAt: expiresAt + KEPT_MS },
      })),

    async find(id: string): Promise<Approval | undefined> {
      // The id comes from a URL or a button, so it may be anything.
      if (!/^[\w-]{1,100}$/.test(id)) return undefined;
      const key = (await state.get(BY_ID, id))?.key;
      const approval = typeof key === 'string' ? await get(key) : undefined;
      // The row may hold a later approval of the same call.
      return approval?.id === id && approval.server === server ? approval : undefined;
    },

    /** All requests of a tenant that can still be decided, newest first. places.ts bounds how many there are. */
    async pending(tenant: Tenant): Promise<Approval[]> {
      const pending = new Map<string, Approval>();
      let after: string | undefined;
      for (let read = 0; read < MAX_PAGES; read += 1) {
        const page = await state.page(SPACE, groupOf(tenant), PAGE_SIZE, after);
        for (const row of page.values) {
          const approval = open(row, keyIn(row));
          if (approval === undefined || approval.server !== server || !isOfTenant(approval, tenant)) continue;
          if (approval.state === 'pending' && !isExpired(approval, now())) pending.set(approval.id, approval);
        }
        after = page.next;
        if (after === undefined) break;
      }
      return [...pending.values()];
    },

    /** Calls back when the row with that key was written, or may have been; without a key, when any row was. */
    watch: (listener: () => void, key?: string): (() => void) =>
      state.watch(SPACE, (changed) => {
        if (key === undefined || changed === undefined || changed === key) listener();
      }),
  };
}

/** The key that the row claims for itself. The seal shows whether the claim is true. */
function keyIn(row: JsonObject): string {
  const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '');
  return keyOf({
    server: text('server'),
    tool: text('tool'),
    issuer: text('issuer'),
    tenant: text('tenant'),
    user: text('user'),
    clientId: text('clientId'),
    digest: text('digest'),
  });
}
