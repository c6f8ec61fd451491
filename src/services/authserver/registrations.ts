/**
 * Limits how many clients may register, per source and in total, because every program on this machine can
 * register one. Each web origin is a source; all other programs together are one more. A client that a person
 * has authorized stays until this server ends. An unused client may be dropped after 15 minutes; until then
 * new ones are refused, so a flood cannot drop a client whose user is still signing in.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
 */
const MAX_UNUSED_PER_SOURCE = 200;
const MAX_UNUSED = 1_000;
/** Fewer than memory.ts stores of one kind, so that it never drops a client. */
const MAX_CLIENTS = 4_000;
const MIN_AGE_MS = 15 * 60_000;
const UNTIL_ROOM = 'try again when one of them is used or 15 minutes old';
const UNTIL_OLD = 'try again when an unused one is 15 minutes old';
const UNTIL_RESTART = 'no other can register until this server is started again';

/** `drop` deletes an unused client. */
export function createRegistrations(clock: () => Date, drop: (clientId: string) => void) {
  /** Oldest first. */
  const unusedClients = new Map<string, { source: string; registeredAt: number }>();
  const usedClients = new Set<string>();

  /** Drops old clients while there are too many; false when those that are left are too young. */
  function makeRoom(isFull: () => boolean, source?: string): boolean {
    for (const [id, client] of unusedClients) {
      if (source !== undefined && source !== client.source) continue;
      const isYoung = Math.abs(clock().getTime() - client.registeredAt) < MIN_AGE_MS;
      if (isYoung || !isFull()) break;
      unusedClients.delete(id);
      drop(id);
    }
    return !isFull();
  }

  function refusalOf(source: string): string | undefined {
    const ofSource = () => [...unusedClients.values()].filter((client) => client.source === source).length;
    if (!makeRoom(() => ofSource() >= MAX_UNUSED_PER_SOURCE, source))
      return `${MAX_UNUSED_PER_SOURCE} unused clients of this source are registered; ${UNTIL_ROOM}`;
    if (!makeRoom(() => unusedClients.size >= MAX_UNUSED))
      return `${MAX_UNUSED} unused clients are registered; ${UNTIL_ROOM}`;
    if (!makeRoom(() => usedClients.size + unusedClients.size >= MAX_CLIENTS))
      return `${MAX_CLIENTS} clients are registered, ${usedClients.size} of them in use; ${usedClients.size < MAX_CLIENTS ? UNTIL_OLD : UNTIL_RESTART}`;
    return undefined;
  }

  return {
    /** Counts a new client; or returns why it is refused, and for how long. */
    add(clientId: string, source: string): string | undefined {
      const refusal = refusalOf(source);
      if (refusal === undefined) unusedClients.set(clientId, { source, registeredAt: clock().getTime() });
      return refusal;
    },
    /** Call when a person has authorized this client. */
    use(clientId: string): void {
      if (unusedClients.delete(clientId)) usedClients.add(clientId);
    },
  };
}
