/**
 * Wraps a route for one watched exchange: its tokens, policy and audit report to an observer, and otherwise work as before.
 * Requests that nobody watches use the route itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../../wire/fault.js';
import { targetOf } from '../../wire/http/head.js';
import type { Decision } from '../../wire/mcp/decision.js';
import type { AuditPort, Policy } from '../../wire/mcp/mcp-server.js';
import type { Principal } from '../../wire/principal.js';
import type { Route } from '../../wire/server/incoming.js';
import type { TokenGuard } from '../../wire/server/ports.js';
import { isThenable } from '../../wire/value.js';
import { type Observe, type Observer, tap } from './observe.js';

/** Besides the endpoint, this is watched too: it is where clients find out how to get a token. */
const DISCOVERY = '/.well-known/oauth-';

export function observeRoute(
  route: Route,
  observe: Observe,
  request: IncomingMessage,
  response: ServerResponse,
): Route {
  const { path } = targetOf(request);
  if (path !== route.path && !path.startsWith(DISCOVERY)) return route;
  const observer = observe({ request, response });
  if (observer === undefined) return route;
  tap(request, response, observer);
  const { server, tokens } = route;
  return {
    ...route,
    tokens: tokens && observeTokens(tokens, observer),
    server: {
      ...server,
      policy: server.policy && observePolicy(server.policy, observer),
      audit: observeAudit(server.audit, observer),
    },
  };
}

function observeTokens(tokens: TokenGuard, observer: Observer): TokenGuard {
  const report = (principal: Principal | Fault): Principal | Fault => {
    if (!(principal instanceof Fault)) observer.authenticated(principal);
    return principal;
  };
  return {
    resource: tokens.resource,
    authenticate(head) {
      const principal = tokens.authenticate(head);
      return isThenable(principal) ? principal.then(report) : report(principal);
    },
    insufficient: (scopes, reason, approval) => tokens.insufficient(scopes, reason, approval),
    ready: () => tokens.ready(),
  };
}

function observePolicy(policy: Policy, observer: Observer): Policy {
  const report = (decision: Decision | Fault): Decision | Fault => {
    if (!(decision instanceof Fault)) observer.decided(decision);
    return decision;
  };
  return {
    ...policy,
    call(...question) {
      const decision = policy.call(...question);
      return isThenable(decision) ? decision.then(report) : report(decision);
    },
    use: (scope, principal) => report(policy.use(scope, principal)),
  };
}

function observeAudit(audit: AuditPort | undefined, observer: Observer): AuditPort {
  const reportRecorded = <T>(value: T): T => {
    if (audit !== undefined) observer.recorded();
    return value;
  };
  return {
    intent: async (call) => audit?.intent(call),
    taskEnded: async (call, outcome) => audit?.taskEnded(call, outcome),
    outcome(call, reply) {
      const { request, context } = call;
      const { subject, authorization, revision, caller, handlerBegan: ran } = context;
      const { principal, client } = caller;
      observer.handled({ method: request.method, revision, subject, authorization, ran, principal, client });
      const result = audit?.outcome(call, reply) ?? reply;
      return isThenable(result) ? result.then(reportRecorded) : reportRecorded(result);
    },
    async rejected(rejection) {
      const { fault, principal, request } = rejection;
      observer.refused({ fault, principal, method: request?.method });
      reportRecorded(await audit?.rejected(rejection));
    },
    close: async () => audit?.close(),
  };
}
