/**
 * The same route for one watched exchange: its door, its policy and its journal tell an observer what they do, and are
 * otherwise the same. Requests that nobody watches go past all this.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { targetOf } from '../../wire/http/head.js';
import type { Decision } from '../../wire/mcp/audit-context.js';
import type { AuditPort, Policy } from '../../wire/mcp/mcp-server.js';
import { isThenable } from '../../wire/mcp/run-handler.js';
import type { Principal } from '../../wire/principal.js';
import type { Route } from '../../wire/server/handle.js';
import type { TokenGuard } from '../../wire/server/ports.js';
import { type Observe, type Observer, tap } from './observe.js';

/** Beside the endpoint itself, where clients find out how to get a token. */
const DISCOVERY = '/.well-known/oauth-';

export function observed(
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
    tokens: tokens && telling(tokens, observer),
    server: {
      ...server,
      policy: server.policy && decisions(server.policy, observer),
      audit: outcomes(server.audit, observer),
    },
  };
}

function telling(tokens: TokenGuard, observer: Observer): TokenGuard {
  const tell = (principal: Principal): Principal => {
    observer.authenticated(principal);
    return principal;
  };
  return {
    resource: tokens.resource,
    authenticate(head) {
      const found = tokens.authenticate(head);
      return isThenable(found) ? found.then(tell) : tell(found);
    },
    insufficient: (scopes, reason, approval) => tokens.insufficient(scopes, reason, approval),
    ready: () => tokens.ready(),
  };
}

function decisions(policy: Policy, observer: Observer): Policy {
  const tell = (decision: Decision): Decision => {
    observer.decided(decision);
    return decision;
  };
  return {
    ...policy,
    call(...asked) {
      const made = policy.call(...asked);
      return isThenable(made) ? made.then(tell) : tell(made);
    },
    use: (scope, principal) => tell(policy.use(scope, principal)),
  };
}

function outcomes(journal: AuditPort | undefined, observer: Observer): AuditPort {
  const recorded = <T>(value: T): T => {
    if (journal !== undefined) observer.recorded();
    return value;
  };
  return {
    intent: async (request, exchange) => journal?.intent(request, exchange),
    taskEnded: async (request, exchange, ended) => journal?.taskEnded(request, exchange, ended),
    outcome(request, exchange, reply) {
      const { audit, revision, caller } = exchange;
      const { principal, client } = caller;
      observer.handled({ method: request.method, revision, account: audit, principal, client });
      const kept = journal?.outcome(request, exchange, reply) ?? reply;
      return isThenable(kept) ? kept.then(recorded) : recorded(kept);
    },
    async rejected(refused) {
      const { fault, principal, request } = refused;
      observer.refused({ fault, principal, method: request?.method });
      recorded(await journal?.rejected(refused));
    },
    close: async () => journal?.close(),
  };
}
