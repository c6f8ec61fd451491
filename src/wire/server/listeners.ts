/** How many clients may listen: so many in all, and of them a share for each principal. */
import { busy, shareOf, shareTaken } from '../mcp/budget.js';
import { principalKey } from '../principal.js';
import type { Incoming } from './incoming.js';

/** @throws Fault when one more listener has no room, or its principal has its share. */
export function checkListeners({ inFlight, bounds, principal, tokens }: Incoming): void {
  const { openStreams, streamsPerPrincipal } = bounds;
  // Without tokens all callers are the same one.
  if (tokens !== undefined) {
    const share = shareOf('listen streams', 'streams-per-principal', openStreams, streamsPerPrincipal);
    const own = inFlight.listeningOf(principalKey(principal));
    if (own >= share.most && own < openStreams) throw shareTaken(share);
  }
  if (inFlight.listening >= openStreams) throw busy(`${openStreams} clients are listening; try again later`);
}
