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
import { observeRoute } from '../lesson/trace/observed.js';
import { deriveKeys } from '../oauth/derived-keys.js';
import { checkOwnMetadata, discoveryRoute } from '../oauth/discovery.js';
import { type AuthOptions, TokenGuard } from '../oauth/protection.js';
import { checkRegistrable } from '../services/registry/manifest/registrable.js';
import { afterUnlessDone, now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import { type Change, Changes } from '../wire/mcp/connection.js';
import type { Tool } from '../wire/mcp/definitions.js';
import type { Sealer } from '../wire/mcp/mcp-server.js';
import { SchemaRefused } from '../wire/schema/compile.js';
import { problemText } from '../wire/schema/problem.js';
import { BOUNDS, safeLog } from '../wire/server/create-server.js';
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
  /** Serves these tools from now on, and tells clients when their list is another. Calls that run go on. @throws SchemaRefused */
  replaceTools(tools: readonly Tool[]): void;
};

/** @throws SchemaRefused for a tool that lacks a scope or a description, or that changes state on a read-only server */
export function requireRegistrable(tool: Tool, destructiveAllowed: boolean): void {
  const problem = checkRegistrable(tool, destructiveAllowed);
  if (problem !== undefined) throw new SchemaRefused(`tool ${preview(tool.name)}: ${problemText(problem)}`);
}

/** @throws SchemaRefused for a tool that lacks a scope or a description, or that changes state on a read-only server */
export function createEndpoint(options: EndpointOptions): Endpoint {
  let { tools } = options;
  const { name, auth, audit, approving, url, sessions, operatorSecret, observe } = options;
  for (const tool of tools) requireRegistrable(tool, options.readOnly !== true);
  const onError = safeLog(options.onError);
  const replicas = options.state && joinReplicas(options.state, name, onError);
  const changes = options.changes ?? new Changes();
  replicas?.channel.on('changed', (change) => tellAgain(change, changes));
  const metrics = createMetrics(options, {
    isKnown: (method, target) =>
      (method === 'tools/call' ? endpoint.server.catalog : endpoint.server.prompts)?.entries.has(target) ===
      true,
    load: () => endpoint.load,
  });
  const recorder = { server: name, newId: randomUUID, clock: now, after: afterUnlessDone, onError };
  const secrets = options.sealingKeys ?? readSealingKeys([]);
  // One resource cannot open what another one sealed, even with the same secrets.
  const sealerFor = (resource: string): Sealer =>
    createSealer(deriveKeys(secrets, 'request-state', resource), now);
  let pages: Pages | undefined;
  let guard: TokenGuard | undefined;
  let publish = (): void => {};

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
      ((ownUrl) => {
        guard = tokenGuard(ownUrl, { ...options, auth, tools }, metrics, onError);
        return guard;
      }),
    watch: observe && ((route, request, response) => observeRoute(route, observe, request, response)),
    routes(ownUrl) {
      const documents = new Map(options.documents);
      publish = () => {
        const manifest =
          options.manifest && manifestDocuments({ ...options, tools }, options.manifest, guard, ownUrl);
        for (const [path, document] of manifest ?? []) documents.set(path, document);
      };
      publish();
      const routes: RouteHandler[] = [discoveryRoute(guard, documents)];
      if (operatorSecret !== undefined && url === undefined)
        routes.unshift(metricsRoute(operatorSecret, metrics.text));
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

  const { close: closeWire, replaceTools: replaceInWire } = endpoint;
  return Object.assign(endpoint, {
    metrics: metrics.text,
    changed: (change: Change) => tellChange(change, changes, replicas),
    replaceTools(next: readonly Tool[]) {
      for (const tool of next) requireRegistrable(tool, options.readOnly !== true);
      replaceInWire(next);
      tools = next;
      publish();
      guard?.offer(scopesOf(next, auth));
    },
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
  return new TokenGuard(url, title ?? name, scopesOf(tools, auth), {
    ...auth,
    onRefused(refusal) {
      metrics.countRefusal(refusal.reason);
      // An error in the log must not break an answer.
      try {
        auth.onRefused?.(refusal);
      } catch (error) {
        onError(error, 'auth.hook-failed');
      }
    },
  });
}

/** What a client should ask for first. */
function scopesOf(tools: readonly Tool[], auth: AuthOptions | undefined): readonly string[] {
  return auth?.scopes ?? [...new Set(tools.map(({ scope }) => scope))];
}

/** Without tokens, all callers are one principal, so its share is the whole. */
function sessionOptions(auth: AuthOptions | undefined, sessions: SessionOptions): SessionOptions {
  const { perPrincipal = auth === undefined ? sessions.most : undefined } = sessions;
  return { ...sessions, perPrincipal };
}
