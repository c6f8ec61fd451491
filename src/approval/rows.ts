/**
 * The rows of approvals in the shared state. An approval has two: itself, under the hash of the very call that it is for, and a
 * pointer to that under its id. What is read here is checked against its seal (seal.ts); a row whose seal does not hold is no
 * approval, and is reported once.
 *
 * Rows of the version before seals are not trusted either: whoever can write to the state could forge one. Nothing is lost by that
 * but a person's click: the next call of the same kind is asked about again, under a new id.
 */
import { tenantKey } from '../principal.js';
import type { SharedState, Step } from '../shared-state.js';
import type { JsonObject } from '../value.js';
import { type Approval, isExpired, isOfTenant, type Tenant } from './approval.js';
import { keyOf } from './binding.js';
import { openRow, type SealKeys, sealRow } from './seal.js';

export type RowsOptions = {
  state: SharedState;
  server: string;
  keys: () => SealKeys;
  now: () => number;
  /** Called once for each row that is not what this service has put. */
  onError: (error: unknown, about: string) => void;
};

const SPACE = 'approval';
const BY_ID = 'approval-id';
/** How long an approval is known after its time, so that pages and second uses can say what it was, milliseconds. */
const KEPT_MS = 60 * 60_000;
/** What is read at once of a tenant's requests. */
const PAGE_SIZE = 500;
/** Far more than places.ts leaves room for, with those that have expired and are still kept. */
const MAX_PAGES = 50;
/** What is decided is listed nowhere. */
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
        ? 'has no seal: an earlier version wrote it, or somebody who has no approval key'
        : 'is not as it was sealed: it was changed by somebody who has no approval key, or the keys were replaced';
    const said = `the row ${key.slice(0, 16)}… ${why}. It approves nothing; its caller has to send the call again`;
    onError(new Error(said), 'approvals');
  }

  function put(approval: Approval): Step<Approval> {
    const group = approval.state === 'pending' ? groupOf(approval) : DECIDED;
    const expiresAt = approval.expiresAt + KEPT_MS;
    return { result: approval, put: { value: sealRow(approval, keys()), expiresAt, tell: true, group } };
  }

  /** `broken` where there is a row, and its seal does not hold. */
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

    /** Makes the approval known by its id. */
    point: (id: string, key: string, expiresAt: number): Promise<void> =>
      state.update(BY_ID, id, () => ({
        result: undefined,
        put: { value: { key }, expiresAt: expiresAt + KEPT_MS },
      })),

    async find(id: string): Promise<Approval | undefined> {
      // It comes from an address or a button, and may be anything.
      if (!/^[\w-]{1,100}$/.test(id)) return undefined;
      const key = (await state.get(BY_ID, id))?.key;
      const approval = typeof key === 'string' ? await get(key) : undefined;
      // The row may hold a later approval of the same call.
      return approval?.id === id && approval.server === server ? approval : undefined;
    },

    /** All requests of a tenant that can still be decided, the newest first. Places (places.ts) bound how many there are. */
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

    /** Calls back when the row of that key was put, or may have been; of any row unless a key is given. */
    watch: (listener: () => void, key?: string): (() => void) =>
      state.watch(SPACE, (changed) => {
        if (key === undefined || changed === undefined || changed === key) listener();
      }),
  };
}

/** The key that the row belongs under, as it says itself; the seal then says whether that is true. */
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
