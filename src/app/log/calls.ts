/** The lines about refused tokens and about calls. */
import type { AuditEntry } from '../../governance/audit/record.js';
import type { Refusal } from '../../oauth/protection.js';
import type { LogContext } from '../../wire/log.js';
import { isRecord } from '../../wire/value.js';
import { isEventLogged, report } from './log.js';

/** The detail has the expected and the received value, which the client does not see. */
export function logTokenRefusal(server: string, { reason, detail }: Refusal): void {
  // The line about the call says more.
  if (reason === 'insufficient_scope') return;
  const event =
    reason === 'missing'
      ? 'auth.token-missing'
      : reason === 'unreachable'
        ? 'auth.issuer-unreachable'
        : 'auth.token-refused';
  report(detail, event, { server, refusal: reason });
}

/** The refusal of a request with a valid token; protection.ts reports the others. */
export function logRefusal(entry: AuditEntry): void {
  if (entry.principal === undefined || !isEventLogged('call.refused')) return;
  const refusal = refusalOf(entry);
  report(refusal, 'call.refused', { ...contextOf(entry), refusal });
}

/** At level debug, how each request ended. */
export function logEnd(entry: AuditEntry): void {
  report(entry.outcome, 'call.ended', contextOf(entry));
}

function contextOf(entry: AuditEntry): LogContext {
  const { server, tenant, principal, client, method, tool, callId, traceId, durationMs } = entry;
  return {
    ...{ server, tenant, user: principal?.user, client, method, callId, traceId, durationMs },
    tool: method === 'resources/read' ? undefined : tool,
    args: entry.args,
  };
}

/** The reason of the policy, or the title of another refusal: what follows it may repeat an argument, as with a header that mirrors one. */
function refusalOf({ decision, response }: AuditEntry): string {
  if (decision?.allow === false && decision.enforced !== false)
    return decision.policy === undefined ? titleOf(decision.reason) : decision.reason;
  const { code, message } = isRecord(response) ? response : {};
  if (typeof code !== 'number') return 'the arguments are wrong';
  return code > 0 ? String(message) : titleOf(String(message));
}

const titleOf = (message: string): string => message.split(': ', 1)[0] ?? '';
