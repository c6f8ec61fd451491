/**
 * Limits how many clients strangers can register, per source and in total. Everybody on this machine can register one. Each web
 * origin is a source; all programs together are another, because on loopback no address tells them apart. A client that a person
 * has authorized stays until this server ends. An unused one may be dropped after 15 minutes; until then new ones are refused, so
 * a flood drives out no client whose user is still signing in.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
 */
import type { Adapter } from 'oidc-provider';

const MAX_UNUSED_OF_SOURCE = 200;
const MAX_UNUSED = 1_000;
/** Fewer than memory.ts keeps of one kind, so it never drops any. */
const MAX_CLIENTS = 4_000;
const YOUNG_MS = 15 * 60_000;
export const RETRY_AFTER_S = 60;
const UNTIL_ROOM = 'try again when one of them is used or 15 minutes old';
const UNTIL_OLD = 'try again when an unused one is 15 minutes old';
const UNTIL_RESTART = 'no other can register until this server is started again';

export type Registrations = {
  /** Why no other client is taken, and until when; else `end` has to be called once it is there or not. */
  begin(source: string): { refusal: string } | { end: () => void };
  add(clientId: string, source: string): void;
  /** Call when a person has authorized this client. */
  use(clientId: string): void;
};

type Unused = { source: string; at: number };

/** `drop` deletes an unused client. */
export function createRegistrations(clock: () => Date, drop: (clientId: string) => void): Registrations {
  /** Oldest first. */
  const unused = new Map<string, Unused>();
  const used = new Set<string>();
  /** Per source: unused clients and registrations in progress. */
  const counts = new Map<string, number>();
  let underWay = 0;
  const countOf = (source: string): number => counts.get(source) ?? 0;
  const isOld = ({ at }: Unused): boolean => Math.abs(clock().getTime() - at) >= YOUNG_MS;

  function count(source: string, by: 1 | -1): void {
    const after = countOf(source) + by;
    if (after > 0) counts.set(source, after);
    else counts.delete(source);
  }

  /** False when all unused clients are too young to drop. */
  function makeRoom(isFull: () => boolean, concerns: (one: Unused) => boolean): boolean {
    for (const [id, one] of unused) {
      if (!isFull() || !isOld(one)) break;
      if (!concerns(one)) continue;
      unused.delete(id);
      count(one.source, -1);
      drop(id);
    }
    return !isFull();
  }

  function refusalOf(source: string): string | undefined {
    const own = (one: Unused): boolean => one.source === source;
    const any = (): boolean => true;
    if (!makeRoom(() => countOf(source) >= MAX_UNUSED_OF_SOURCE, own))
      return `${MAX_UNUSED_OF_SOURCE} unused clients of this source are registered; ${UNTIL_ROOM}`;
    if (!makeRoom(() => unused.size + underWay >= MAX_UNUSED, any))
      return `${MAX_UNUSED} unused clients are registered; ${UNTIL_ROOM}`;
    if (!makeRoom(() => used.size + unused.size + underWay >= MAX_CLIENTS, any))
      return `${MAX_CLIENTS} clients are registered, ${used.size} of them in use; ${used.size < MAX_CLIENTS ? UNTIL_OLD : UNTIL_RESTART}`;
    return undefined;
  }

  return {
    begin(source) {
      const refusal = refusalOf(source);
      if (refusal !== undefined) return { refusal };
      count(source, 1);
      underWay += 1;
      return {
        end() {
          count(source, -1);
          underWay -= 1;
        },
      };
    },
    add(clientId, source) {
      unused.set(clientId, { source, at: clock().getTime() });
      count(source, 1);
    },
    use(clientId) {
      const one = unused.get(clientId);
      if (one === undefined) return;
      unused.delete(clientId);
      count(one.source, -1);
      used.add(clientId);
    },
  };
}

/** A request that names no origin comes from a program. */
export function sourceOf(origin: string | undefined): string {
  return origin ?? 'a program';
}

/** Wraps the store of grants: each new grant means that a person authorized a client. */
export function noteUse(adapter: Adapter, { use }: Pick<Registrations, 'use'>): Adapter {
  return {
    ...adapter,
    upsert(id, payload, expiresIn) {
      if (payload.clientId !== undefined) use(payload.clientId);
      return adapter.upsert(id, payload, expiresIn);
    },
  };
}
