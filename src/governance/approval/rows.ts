/**
 * The rows of approvals in the shared state. An approval has two: itself, under the hash of its call, and a pointer to that row
 * under its id.
 *
 * Each row has a seal, the HMAC-SHA256 of the canonical JSON of everything in it. Somebody who can write to the shared state but
 * has no approval key cannot approve, change what an approver sees, extend an approval, or move a decision to another call. They
 * can still delete rows and restore earlier ones; because of that each process remembers which approvals it used (uses.ts). A row
 * without a valid seal approves nothing and is reported once; the same call is then requested again under a new id.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import { canonicalJson } from '../../wire/jsonrpc/json.js';
import type { OnError } from '../../wire/log.js';
import { tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import { type Approval, isApproval, isExpired, isOfTenant, keyOf, type Tenant } from './approval.js';

/** The first key seals, and all of them open. */
export type SealKeys = readonly Uint8Array[];

type RowsOptions = {
  state: SharedState;
  server: string;
  keys: () => SealKeys;
  now: () => number;
  /** Called once for each row that this service did not write as it is. */
  onError: OnError;
};

/** A key shorter than the hash's output would make the seal weaker than the hash. */
const MIN_KEY_BYTES = 32;
const SPACE = 'approval';
const BY_ID = 'approval-id';
/** How long a finished approval is kept, so that pages and refusals of a second use can name it, milliseconds. */
const KEPT_MS = 60 * 60_000;
const PAGE_SIZE = 500;
/** Far more than places.ts allows, because expired requests are kept for a while. */
const MAX_PAGES = 50;
const MAX_DECIDED = 100;
const MAX_REPORTED = 1_000;
const UNSEALED = 'has no seal: an earlier version wrote it, or somebody without an approval key';
const WRONG_SEAL =
  'does not match its seal: somebody without an approval key changed it, or the keys were replaced';

export type Rows = ReturnType<typeof createRows>;
export function createRows({ state, server, keys, now, onError }: RowsOptions) {
  const reported = new Set<string>();
  const groupOf = (tenant: Tenant): string => JSON.stringify([server, tenantKey(tenant)]);
  const decidedOf = (tenant: Tenant): string => `decided ${groupOf(tenant)}`;

  /** The approval in a row; undefined when there is no row, or its seal is not valid. */
  function open(row: JsonObject | undefined, key: string): Approval | undefined {
    if (row === undefined) return undefined;
    const approval = openRow(row, key, keys());
    if (approval === undefined) report(row, key);
    return approval;
  }

  function report({ id, seal }: JsonObject, key: string): void {
    // The values may be anything, even nested too deeply to be written again.
    const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : typeof value);
    const rowId = JSON.stringify([key, text(id), text(seal)]);
    if (reported.has(rowId)) return;
    if (reported.size >= MAX_REPORTED) reported.clear();
    reported.add(rowId);
    const why = seal === undefined ? UNSEALED : WRONG_SEAL;
    const message = `the row ${key.slice(0, 16)}… ${why}. It approves nothing; the caller has to send the call again`;
    onError(message, 'approval.row-forged', { server });
  }

  /** The approval in a listed row; undefined unless it is of this tenant. */
  function openIn(tenant: Tenant, row: JsonObject): Approval | undefined {
    const approval = open(row, claimedKey(row));
    return approval?.server === server && isOfTenant(approval, tenant) ? approval : undefined;
  }

  /** `isForged`: there is a row, but its seal is not valid. */
  async function read(key: string): Promise<{ approval: Approval | undefined; isForged: boolean }> {
    const row = await state.get(SPACE, key);
    const approval = open(row, key);
    return { approval, isForged: row !== undefined && approval === undefined };
  }

  return {
    open,
    read,

    put(approval: Approval): Step<Approval> {
      const group = approval.state === 'pending' ? groupOf(approval) : decidedOf(approval);
      const expiresAt = approval.expiresAt + KEPT_MS;
      return { result: approval, put: { value: sealRow(approval, keys()), expiresAt, tell: true, group } };
    },

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
      const approval = typeof key === 'string' ? (await read(key)).approval : undefined;
      // The row may hold a later approval of the same call.
      return approval?.id === id && approval.server === server ? approval : undefined;
    },

    /** The latest decisions of a tenant, newest first. */
    async decided(tenant: Tenant): Promise<Approval[]> {
      const { values } = await state.page(SPACE, decidedOf(tenant), MAX_DECIDED);
      return values
        .flatMap((row) => openIn(tenant, row) ?? [])
        .filter(({ state }) => state !== 'pending')
        .sort((one, other) => (other.decidedAt ?? 0) - (one.decidedAt ?? 0));
    },

    /** All requests of a tenant that can still be decided, newest first. places.ts bounds how many there are. */
    async pending(tenant: Tenant): Promise<Approval[]> {
      const pending = new Map<string, Approval>();
      let after: string | undefined;
      for (let count = 0; count < MAX_PAGES; count += 1) {
        const page = await state.page(SPACE, groupOf(tenant), PAGE_SIZE, after);
        for (const row of page.values) {
          const approval = openIn(tenant, row);
          if (approval?.state === 'pending' && !isExpired(approval, now()))
            pending.set(approval.id, approval);
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

/** The key that follows from the row's content. The seal shows whether that content is genuine. */
function claimedKey(row: JsonObject): string {
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

/** @throws RangeError without keys, or with a short one, because such a seal stops nobody. */
export function checkKeys(keys: SealKeys): SealKeys {
  if (keys.length === 0)
    throw new RangeError('approvals: expected at least one key to seal rows with, received none');
  const short = keys.find((key) => key.byteLength < MIN_KEY_BYTES);
  if (short !== undefined)
    throw new RangeError(
      `approval key: expected at least ${MIN_KEY_BYTES} bytes, received ${short.byteLength}`,
    );
  return keys;
}

export function sealRow(approval: Approval, keys: SealKeys): JsonObject {
  const [first] = keys;
  if (first === undefined) throw new RangeError('approvals: expected a key to seal with, received none');
  return { ...approval, seal: macOf(approval, first).toString('base64url') };
}

/** The approval in the row with that key; undefined unless its seal is valid for this row and this key. */
function openRow(row: JsonObject, key: string, keys: SealKeys): Approval | undefined {
  const { seal, ...content } = row;
  if (typeof seal !== 'string' || !isApproval(content)) return undefined;
  try {
    const storedMac = Buffer.from(seal, 'base64url');
    const isValid = keys.some((sealKey) => {
      const mac = macOf(content, sealKey);
      return mac.byteLength === storedMac.byteLength && timingSafeEqual(mac, storedMac);
    });
    return isValid && keyOf(content) === key ? content : undefined;
  } catch (error) {
    // Numbers that JSON cannot represent, or nesting deeper than the stack: this service writes no such row.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function macOf(content: JsonObject, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(canonicalJson(content)).digest();
}
