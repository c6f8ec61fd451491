/**
 * What the authorization server stores: codes, grants, sessions, clients. A restart forgets it all. When
 * there are too many entries of one kind, the oldest are dropped.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';

const MAX_ENTRIES = 5_000;

type Entry = { payload: AdapterPayload; until: number };

/** Returns an adapter per kind; the same kind always gets the same one. */
export function createMemory(clock: () => Date, max = MAX_ENTRIES): (kind: string) => Adapter {
  const adapters = new Map<string, Adapter>();
  return (kind) => {
    const adapter = adapters.get(kind) ?? createAdapter(() => clock().getTime(), max);
    adapters.set(kind, adapter);
    return adapter;
  };
}

function createAdapter(now: () => number, max: number): Adapter {
  const entries = new Map<string, Entry>();
  // Cloned both ways: a caller's change counts only after upsert.
  const read = (id: string): AdapterPayload | undefined => {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.until > now()) return structuredClone(entry.payload);
    entries.delete(id);
    return undefined;
  };
  const search = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [id, { payload }] of entries) if (matches(payload)) return read(id);
    return undefined;
  };
  const makeRoom = (): void => {
    for (const [id, { until }] of entries) if (until <= now()) entries.delete(id);
    for (const id of entries.keys()) {
      if (entries.size < max) break;
      entries.delete(id);
    }
  };
  return {
    async upsert(id, payload, expiresIn) {
      if (!entries.has(id) && entries.size >= max) makeRoom();
      const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn * 1000;
      entries.set(id, { payload: structuredClone(payload), until });
    },
    find: async (id) => read(id),
    findByUid: async (uid) => search((payload) => payload.uid === uid),
    findByUserCode: async (userCode) => search((payload) => payload.userCode === userCode),
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
