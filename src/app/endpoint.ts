/**
 * A governed MCP endpoint: the wire's endpoint with its ports connected. It verifies tokens, policy decides every call, a person
 * may approve it, the audit log records it, and replicas share sessions, tasks and changes.
 */
import { randomUUID } from 'node:crypto';
import {
  joinReplicas,
  openSessions,
  openTasks,
  type Replicas,
  tellAgain,
  tellChange,
} from '../cluster/join-replicas.js';
import type { SessionOptions } from '../cluster/sessions/kept-sessions.js';
import { MAX_TASKS } from '../cluster/tasks/tasks.js';
import { approvalPort } from '../governance/approval/waiting/waiting-call.js';
import { createAuditRecorder } from '../governance/audit/recorder.js';
import { createPolicy } from '../governance/policy/policy.js';
import { observed } from '../lesson/trace/observed.js';
import { deriveKeys } from '../oauth/derived-keys.js';
import { checkOwnMetadata, type Document, discoveryRoute } from '../oauth/discovery.js';
import { type AuthOptions, TokenGuard } from '../oauth/protection.js';
import { checkRegistrable } from '../services/registry/manifest/registrable.js';
import { afterUnlessDone, now } from '../wire/clock.js';
import { type Change, Changes } from '../wire/mcp/connection.js';
import type { Tool } from '../wire/mcp/definitions.js';
import type { Sealer } from '../wire/mcp/mcp-server.js';
import type { TaskStore } from '../wire/mcp/task-store.js';
import { SchemaRefused } from '../wire/schema/compile.js';
import { problemText } from '../wire/schema/problem.js';
import { BOUNDS, type OnError, safeLog } from '../wire/server/create-server.js';
import { createHttpEndpoint, type HttpEndpoint, type HttpOptions } from '../wire/server/endpoint.js';
import type { RouteHandler } from '../wire/server/ports.js';
import { createSealer, readSealingKeys } from '../wire/server/sealer.js';
import { preview } from '../wire/value.js';
import type { EndpointOptions, Pages } from './endpoint-options.js';
import { manifestDocuments } from './manifest-documents.js';
import { createMetrics, type Metrics, metricsRoute } from './metrics.js';

type Watched = Parameters<NonNullable<HttpOptions['watch']>>;

export type Endpoint = HttpEndpoint & {
  /** The counts so far, in Prometheus's text format. */
  metrics(): string;
  /** Notifies the clients of every replica that a list (tools, prompts, resources) or the contents of a resource changed. */
  changed(change: Change): void;
};

/** @throws SchemaRefused when a tool cannot be served */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { name, auth, audit, url, sessions, operatorSecret, observe } = options;
  for (const tool of options.tools) register(tool, options.readOnly !== true);
  const onError = safeLog(options.onError);
  const replicas = options.state && joinReplicas(options.state, name, onError);
  const changes = options.changes ?? new Changes();
  replicas?.channel.on('changed', (change) => tellAgain(change, changes));
  const metrics = createMetrics(options.counters);
  const secrets = options.sealingKeys ?? readSealingKeys([]);
  const recorder = { server: name, newId: randomUUID, clock: now, after: afterUnlessDone, onError };
  const verify = auth && ((known: string) => tokenGuard({ ...options, auth }, metrics, onError, known));
  let pages: Pages | undefined;
  let guard: TokenGuard | undefined;
  const policy = options.policy ?? (auth && createPolicy({ name, clock: now }));
  const text = (): string => metrics.text(endpoint.load);

  const endpoint = createHttpEndpoint({
    ...options,
    changes,
    onError,
    ...(policy === undefined ? {} : { policy }),
    approvals: options.approving && approvalPort(options.approving),
    audit: audit && createAuditRecorder({ ...audit, ...recorder }),
    tasks: options.tasks === true ? tasksOf(options, changes, onError, replicas) : undefined,
    sealer: requestStateSealer(secrets, url ?? name),
    sealerFor: (resource) => requestStateSealer(secrets, resource),
    sessions:
      sessions &&
      ((server, inFlight) => openSessions(shareOf(options, sessions), server, inFlight, replicas)),
    count: metrics.count,
    ...(verify === undefined ? {} : { tokens: (known: string) => (guard = verify(known)) }),
    ...(observe === undefined
      ? {}
      : { watch: (...exchange: Watched) => observed(exchange[0], observe, exchange[1], exchange[2]) }),
    routes(known): readonly RouteHandler[] {
      pages = guard && options.pages?.(guard);
      const own = pages;
      return [
        ...(operatorSecret === undefined || url !== undefined ? [] : [metricsRoute(operatorSecret, text)]),
        discoveryRoute(guard, documentsOf(options, guard, known)),
        ...(own === undefined
          ? []
          : [
              (...[request, response, path]: Parameters<RouteHandler>) => own.handle(request, response, path),
            ]),
      ];
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
    metrics: text,
    changed: (change: Change) => tellChange(change, changes, replicas),
    async close(lingerMs?: number) {
      const closed = closeWire(lingerMs);
      pages?.close();
      await closed;
      await replicas?.close();
    },
  });
}

/** One resource cannot open what another one sealed, even with the same secrets. */
function requestStateSealer(secrets: readonly Uint8Array[], resource: string): Sealer {
  return createSealer(deriveKeys(secrets, 'request-state', resource), now);
}

/** @throws SchemaRefused for a tool that lacks a scope or a description, or that changes state on a read-only server */
function register(tool: Tool, destructiveAllowed: boolean): void {
  const problem = checkRegistrable(tool, destructiveAllowed);
  if (problem !== undefined) throw new SchemaRefused(`tool ${preview(tool.name)}: ${problemText(problem)}`);
}

function tokenGuard(
  { auth, title, name, tools }: EndpointOptions & { auth: AuthOptions },
  metrics: Metrics,
  onError: OnError,
  url: string,
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

function documentsOf(
  options: EndpointOptions,
  guard: TokenGuard | undefined,
  known: string,
): ReadonlyMap<string, Document> {
  if (options.manifest === undefined) return new Map();
  const auth = guard && {
    issuers: guard.issuers,
    resourceMetadata: guard.challenges.resourceMetadata,
  };
  return manifestDocuments({ ...options, url: guard?.resource ?? known, auth }, options.manifest);
}

/** Without tokens, all callers are one principal, so its share is the whole. */
function shareOf({ auth }: EndpointOptions, sessions: SessionOptions): SessionOptions {
  const { perPrincipal = auth === undefined ? sessions.most : undefined } = sessions;
  return { ...sessions, perPrincipal };
}

function tasksOf(
  { auth, tasksPerPrincipal, bounds }: EndpointOptions,
  changes: Changes,
  onError: OnError,
  replicas: Replicas | undefined,
): TaskStore {
  const perPrincipal = auth === undefined ? MAX_TASKS : tasksPerPrincipal;
  const maxKept = bounds?.inFlightBytes ?? BOUNDS.inFlightBytes;
  return openTasks({ perPrincipal, maxKept, changes }, onError, replicas);
}
