/**
 * A governed MCP endpoint: the wire's endpoint with its ports connected. It verifies tokens, policy decides every call, a person
 * may approve it, the audit log records it, and replicas share sessions, tasks and changes.
 */
import { randomUUID } from 'node:crypto';
import { joinReplicas, openSessions, openTasks, tellAgain, tellChange } from '../cluster/join-replicas.js';
import type { SessionOptions } from '../cluster/sessions/kept-sessions.js';
import { MAX_TASKS } from '../cluster/tasks/tasks.js';
import { approvalPort } from '../governance/approval/waiting/waiting-call.js';
import { createAuditRecorder } from '../governance/audit/recorder.js';
import { createPolicy } from '../governance/policy/policy.js';
import { observed } from '../lesson/trace/observed.js';
import { deriveKeys } from '../oauth/derived-keys.js';
import { checkOwnMetadata, discoveryRoute } from '../oauth/discovery.js';
import { type AuthOptions, TokenGuard } from '../oauth/protection.js';
import { checkRegistrable } from '../services/registry/manifest/registrable.js';
import { afterUnlessDone, now } from '../wire/clock.js';
import { type Change, Changes } from '../wire/mcp/connection.js';
import type { Sealer } from '../wire/mcp/mcp-server.js';
import { SchemaRefused } from '../wire/schema/compile.js';
import { problemText } from '../wire/schema/problem.js';
import { BOUNDS, type OnError, safeLog } from '../wire/server/create-server.js';
import { createHttpEndpoint, type HttpEndpoint } from '../wire/server/endpoint.js';
import type { RouteHandler } from '../wire/server/ports.js';
import { createSealer, readSealingKeys } from '../wire/server/sealer.js';
import { preview } from '../wire/value.js';
import type { EndpointOptions, Pages } from './endpoint-options.js';
import { manifestDocuments } from './manifest-documents.js';
import { createMetrics, type Metrics, metricsRoute } from './metrics.js';

export type Endpoint = HttpEndpoint & {
  /** The counts so far, in Prometheus's text format. */
  metrics(): string;
  /** Notifies the clients of every replica that a list (tools, prompts, resources) or the contents of a resource changed. */
  changed(change: Change): void;
};

/** @throws SchemaRefused for a tool that lacks a scope or a description, or that changes state on a read-only server */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { name, tools, auth, audit, approving, url, sessions, operatorSecret, observe } = options;
  for (const tool of tools) {
    const problem = checkRegistrable(tool, options.readOnly !== true);
    if (problem !== undefined) throw new SchemaRefused(`tool ${preview(tool.name)}: ${problemText(problem)}`);
  }
  const onError = safeLog(options.onError);
  const replicas = options.state && joinReplicas(options.state, name, onError);
  const changes = options.changes ?? new Changes();
  replicas?.channel.on('changed', (change) => tellAgain(change, changes));
  const metrics = createMetrics(options.counters);
  const metricsText = (): string => metrics.text(endpoint.load);
  const recorder = { server: name, newId: randomUUID, clock: now, after: afterUnlessDone, onError };
  const secrets = options.sealingKeys ?? readSealingKeys([]);
  // One resource cannot open what another one sealed, even with the same secrets.
  const sealerFor = (resource: string): Sealer =>
    createSealer(deriveKeys(secrets, 'request-state', resource), now);
  let pages: Pages | undefined;
  let guard: TokenGuard | undefined;

  // Without tokens, all callers are one principal, so its share is the whole.
  const tasksPerPrincipal = auth === undefined ? MAX_TASKS : options.tasksPerPrincipal;
  const maxKept = options.bounds?.inFlightBytes ?? BOUNDS.inFlightBytes;

  const endpoint = createHttpEndpoint({
    ...options,
    changes,
    onError,
    policy: options.policy ?? (auth && createPolicy({ name, clock: now })),
    approvals: approving && approvalPort(approving),
    audit: audit && createAuditRecorder({ ...audit, ...recorder }),
    tasks: options.tasks
      ? openTasks({ perPrincipal: tasksPerPrincipal, maxKept, changes }, onError, replicas)
      : undefined,
    sealer: sealerFor(url ?? name),
    sealerFor,
    sessions:
      sessions &&
      ((server, inFlight) => openSessions(sessionOptions(auth, sessions), server, inFlight, replicas)),
    count: metrics.count,
    tokens:
      auth &&
      ((known) => {
        guard = tokenGuard(known, { ...options, auth }, metrics, onError);
        return guard;
      }),
    watch: observe && ((route, request, response) => observed(route, observe, request, response)),
    routes(known) {
      const manifest = options.manifest && manifestDocuments(options, options.manifest, guard, known);
      const documents = new Map([...(options.documents ?? []), ...(manifest ?? [])]);
      const routes: RouteHandler[] = [discoveryRoute(guard, documents)];
      if (operatorSecret !== undefined && url === undefined)
        routes.unshift(metricsRoute(operatorSecret, metricsText));
      const ownPages = guard && options.pages?.(guard);
      pages = ownPages;
      if (ownPages !== undefined)
        routes.push((request, response, path) => ownPages.handle(request, response, path));
      return routes;
    },
    async ready() {
      await options.ready?.();
      if (audit?.log.healthy === false) throw new Error('the audit log cannot be written');
    },
    async onListening(address) {
      if (guard !== undefined) await checkOwnMetadata(address, guard);
    },
  });

  const closeWire = endpoint.close;
  return Object.assign(endpoint, {
    metrics: metricsText,
    changed: (change: Change) => tellChange(change, changes, replicas),
    async close(lingerMs?: number) {
      const closed = closeWire(lingerMs);
      pages?.close();
      await closed;
      await replicas?.close();
    },
  });
}

function tokenGuard(
  url: string,
  { auth, title, name, tools }: EndpointOptions & { auth: AuthOptions },
  metrics: Metrics,
  onError: OnError,
): TokenGuard {
  const scopes = auth.scopes ?? [...new Set(tools.map(({ scope }) => scope))];
  return new TokenGuard(url, title ?? name, scopes, {
    ...auth,
    onRefused(refusal) {
      metrics.countRefusal(refusal.reason);
      // An error in the log must not break an answer.
      try {
        auth.onRefused?.(refusal);
      } catch (error) {
        onError(error, 'onRefused');
      }
    },
  });
}

/** Without tokens, all callers are one principal, so its share is the whole. */
function sessionOptions(auth: AuthOptions | undefined, sessions: SessionOptions): SessionOptions {
  const { perPrincipal = auth === undefined ? sessions.most : undefined } = sessions;
  return { ...sessions, perPrincipal };
}
