/** The refusal of every request while a server is out of service. */
import { Fault } from '../../wire/fault.js';
import type { Decision } from '../../wire/mcp/decision.js';

/** `off`: somebody has switched the server off. `unknown`: the registry cannot be asked at the moment. */
export type OutOfService = 'off' | 'unknown';

const RETRY_AFTER_S = 2;
/** The reason of a refusal that no rule gave. */
export const SWITCHED_OFF = 'this server is switched off';

export function closedWhile(service: OutOfService): Decision | Fault {
  if (service === 'off') return { allow: false, reason: SWITCHED_OFF, denial: 'switched_off' };
  return new Fault('unavailable', 'the registry cannot say whether this is switched on; try again', {
    retryAfterS: RETRY_AFTER_S,
  });
}
