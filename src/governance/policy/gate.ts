/** A policy that refuses everything while the server is out of service. */
import { Fault } from '../../wire/fault.js';
import type { Decision } from '../../wire/mcp/decision.js';
import type { Policy } from '../../wire/mcp/mcp-server.js';

/** `off`: somebody has switched the server off. `unknown`: the registry cannot be asked at the moment. */
export type Service = 'on' | 'off' | 'unknown';

const RETRY_AFTER_S = 2;

export function gatePolicy(policy: Policy, service: () => Service): Policy {
  const refusal = (): Decision | Fault | undefined => {
    const state = service();
    if (state === 'unknown') {
      return new Fault('unavailable', 'the registry cannot say whether this is switched on; try again', {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    }
    return state === 'off' ? { allow: false, reason: 'this server is switched off' } : undefined;
  };
  return {
    ...policy,
    closed: refusal,
    call: (...args) => refusal() ?? policy.call(...args),
    use: (...args) => refusal() ?? policy.use(...args),
  };
}
