/**
 * What the authorization server remembers: codes, grants, sessions, clients. In memory, so a restart forgets it all,
 * and bounded: when one kind of thing has too many entries, the oldest go. It outlives a provider that is built anew.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';

const MOST = 5_000;

type Entry = { payload: AdapterPayload; until: number };

/** One adapter for each kind of thing; the same name gets the same things again. */
export function createMemory(clock: () => Date, most = MOST): (kind: string) => Adapter {
  const kinds = new Map<string, Map<string, Entry>>();
  return (kind) => {
    const entries = kinds.get(kind) ?? new Map<string, Entry>();
    kinds.set(kind, entries);
    return adapter(entries, () => clock().getTime(), most);
  };
}

function adapter(entries: Map<string, Entry>, now: () => number, most: number): Adapter {
  // A clone each way: what a caller changes counts only once it is put back.
  const read = (id: string): AdapterPayload | undefined => {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.until > now()) return structuredClone(entry.payload);
    entries.delete(id);
    return undefined;
  };
  const search = (wanted: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [id, { payload }] of entries) if (wanted(payload)) return read(id);
    return undefined;
  };
  const makeRoom = (): void => {
    for (const [id, { until }] of entries) if (until <= now()) entries.delete(id);
    for (const id of entries.keys()) {
      if (entries.size < most) break;
      entries.delete(id);
    }
  };
  return {
    async upsert(id, payload, expiresIn) {
      if (!entries.has(id) && entries.size >= most) makeRoom();
      const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn * 1000;
      entries.set(id, { payload: structuredClone(payload), until });
    },
    async find(id) {
      return read(id);
    },
    async findByUid(uid) {
      return search((payload) => payload.uid === uid);
    },
    async findByUserCode(userCode) {
      return search((payload) => payload.userCode === userCode);
    },
    async consume(id) {
      const entry = entries.get(id);
      if (entry !== undefined) entry.payload.consumed = Math.floor(now() / 1000);
    },
    async destroy(id) {
      entries.delete(id);
    },
    async revokeByGrantId(grantId) {
      for (const [id, { payload }] of entries) if (payload.grantId === grantId) entries.delete(id);
    },
  };
}
