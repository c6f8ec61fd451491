/**
 * The methods that 2026-07-28 removed. A client that still sends one has to hear that first, and not how the `_meta` of a
 * request should look that no longer exists.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/changelog
 */
import { Fault } from '../fault.js';
import { MODERN } from '../revisions.js';

/** What takes the method's place. */
const REMOVED = new Map([
  [
    'initialize',
    'each request says in params._meta what it speaks, and server/discover tells what the server has',
  ],
  ['ping', 'the answer to any request, such as server/discover, shows that the server is there'],
  [
    'logging/setLevel',
    'a request that wants log messages has "io.modelcontextprotocol/logLevel" in params._meta',
  ],
  ['resources/subscribe', 'subscriptions/listen takes its place'],
  ['resources/unsubscribe', 'a client that no longer listens ends its subscriptions/listen'],
  ['tasks/list', 'a client keeps the ids of its tasks'],
  ['tasks/result', 'tasks/get has the result of a task that is done'],
]);

/** The refusal of a method that this revision removed; undefined for any other. */
export function removedMethod(method: string): Fault | undefined {
  const instead = REMOVED.get(method);
  if (instead === undefined) return undefined;
  return new Fault('methodNotFound', `${method} was removed in revision ${MODERN}: ${instead}`);
}
