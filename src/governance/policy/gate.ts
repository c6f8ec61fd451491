/** A policy that is asked only while the server is in service: else nothing that it has may be used. */
import { Fault } from '../../wire/fault.js';
import type { Decision } from '../../wire/mcp/audit-context.js';
import type { Policy } from '../../wire/mcp/mcp-server.js';

/** `off`: somebody has switched the server off. `unknown`: nobody can say just now whether it is on. */
export type Service = 'on' | 'off' | 'unknown';

const RETRY_AFTER_S = 2;

export function gated(policy: Policy, service: () => Service): Policy {
  const refused = (): Decision | undefined => {
    const state = service();
    if (state === 'unknown') {
      throw new Fault('unavailable', 'the registry cannot say whether this is switched on; try again', {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    }
    return state === 'off' ? { allow: false, reason: 'this server is switched off' } : undefined;
  };
  return {
    ...policy,
    closed: refused,
    call: (...asked) => refused() ?? policy.call(...asked),
    use: (...asked) => refused() ?? policy.use(...asked),
  };
}
