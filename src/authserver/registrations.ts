/**
 * How many clients strangers may register. Anybody on this machine may, so what they register is bounded, for each source and
 * for all: the pages of one origin are a source, and so are all programs, which no address tells apart on loopback. A client
 * that a person has let in stays for as long as this server runs. One that nobody has used may go once it is 15 minutes old;
 * until then a new one is refused, so a flood drives out no client whose person is still signing in.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
 */
import type { Adapter } from 'oidc-provider';

const MAX_UNUSED_OF_SOURCE = 200;
const MAX_UNUSED = 1_000;
/** Fewer than memory.ts keeps of one kind, so that it never has to drop any. */
const MAX_CLIENTS = 4_000;
const YOUNG_MS = 15 * 60_000;
export const RETRY_AFTER_S = 60;
const UNTIL_ROOM = 'no other is taken until one of them is used or 15 minutes old';
const UNTIL_OLD = 'no other is taken until an unused one is 15 minutes old';
const UNTIL_RESTART = 'no other is taken until this server is started again';

export type Registrations = {
  /** Why no other client is taken, and until when; else `end` has to be called once it is there or not. */
  begin(source: string): { refusal: string } | { end: () => void };
  add(clientId: string, source: string): void;
  /** A person has let this client do something. */
  use(clientId: string): void;
};

type Unused = { source: string; at: number };

/** `drop` forgets a client that nobody has used. */
export function createRegistrations(clock: () => Date, drop: (clientId: string) => void): Registrations {
  /** The oldest first. */
  const unused = new Map<string, Unused>();
  const used = new Set<string>();
  /** Of each source: unused clients, and registrations under way. */
  const counts = new Map<string, number>();
  let underWay = 0;
  const countOf = (source: string): number => counts.get(source) ?? 0;
  const isOld = ({ at }: Unused): boolean => Math.abs(clock().getTime() - at) >= YOUNG_MS;

  function count(source: string, by: 1 | -1): void {
    const after = countOf(source) + by;
    if (after > 0) counts.set(source, after);
    else counts.delete(source);
  }

  /** False when those there are too young to go. */
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
      return `${MAX_UNUSED_OF_SOURCE} clients of this source are registered and were never used; ${UNTIL_ROOM}`;
    if (!makeRoom(() => unused.size + underWay >= MAX_UNUSED, any))
      return `${MAX_UNUSED} clients are registered and were never used; ${UNTIL_ROOM}`;
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

/** Grants, each of which a person has given to a client. */
export function noteUse(adapter: Adapter, { use }: Pick<Registrations, 'use'>): Adapter {
  return {
    ...adapter,
    upsert(id, payload, expiresIn) {
      if (payload.clientId !== undefined) use(payload.clientId);
      return adapter.upsert(id, payload, expiresIn);
    },
  };
}
