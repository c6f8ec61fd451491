/** Creates an MCP server from its options, for any transport, and defines the default bounds. */
import { getHeapStatistics } from 'node:v8';
import { now } from '../clock.js';
import type { EventName, LogContext, OnError } from '../log.js';
import { AnswerSizes } from '../mcp/budget.js';
import { Catalog } from '../mcp/catalog.js';
import { Changes } from '../mcp/connection.js';
import type { Prompt, Resource, ResourceTemplate, Tool } from '../mcp/definitions.js';
import type {
  ApprovalPort,
  AuditPort,
  Call,
  Implementation,
  McpServer,
  Policy,
  Sealer,
  Spans,
} from '../mcp/mcp-server.js';
import { InvalidResult } from '../mcp/plain.js';
import { Stopped } from '../mcp/request-context.js';
import { createPrompts, createResources } from '../mcp/resources.js';
import type { TaskStore } from '../mcp/task-store.js';
import { createSealer, readSealingKeys } from './sealer.js';

/** The parts of a server, for any transport. */
export type ServerOptions = Implementation & {
  /** Tells a model how to use this server. */
  instructions?: string;
  tools: readonly Tool[];
  resources?: readonly Resource[];
  resourceTemplates?: readonly ResourceTemplate[];
  prompts?: readonly Prompt[];
  /** Sends the log messages of handlers to clients that ask for them. New servers should leave it off (2026-07-28/logging/001). */
  logging?: boolean;
  /**
   * Takes null literally. By default, null for an optional argument whose schema forbids null counts as left out, and so does
   * `arguments: null`, because several clients send null when they have no value.
   */
  strictArguments?: boolean;
  /** Carries changes to clients; several endpoints may share one. */
  changes?: Changes;
  bounds?: Partial<Bounds>;
  /** Receives every unexpected error; none reaches the wire. By default errors go to stderr. */
  onError?: OnError;
  /** Decides before anything runs. A server without one is open to every caller. */
  policy?: Policy | undefined;
  /** Asks a person to approve calls where the policy wants it; without it, those calls are refused. */
  approvals?: ApprovalPort | undefined;
  audit?: AuditPort | undefined;
  /** Follows each request in a distributed trace. */
  spans?: Spans | undefined;
  /** Keeps the tasks of the tasks extension; without it the server does not offer the extension. */
  tasks?: TaskStore | undefined;
  /** Seals the `requestState` of multi round-trip requests; with a random key by default. */
  sealer?: Sealer;
};

/** @throws SchemaRefused when a tool cannot be served. */
export function createServer(options: ServerOptions): McpServer {
  const { name, title, version, description, instructions, tools, prompts = [] } = options;
  const { resources = [], resourceTemplates = [] } = options;
  const { pageSize, listTtlMs, toolDeadlineMs } = { ...BOUNDS, ...options.bounds };
  const onError = safeLog(options.onError);
  return {
    info: {
      name,
      version,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
    },
    ...(instructions === undefined ? {} : { instructions }),
    catalog: new Catalog(tools),
    policy: options.policy,
    approvals: options.approvals,
    audit: options.audit,
    spans: options.spans,
    prompts: prompts.length === 0 ? undefined : createPrompts(prompts),
    resources:
      resources.length + resourceTemplates.length === 0
        ? undefined
        : createResources(resources, resourceTemplates),
    logging: options.logging === true,
    tasks: options.tasks,
    changes: options.changes ?? new Changes(),
    sealer: options.sealer ?? createSealer(readSealingKeys([]), now),
    settings: { pageSize, listTtlMs, toolDeadlineMs, strictArguments: options.strictArguments === true },
    answerSizes: new AnswerSizes(),
    onError(error, call) {
      if (call === undefined) onError(error, 'process.part-failed', { server: name });
      else onError(error, eventOf(error), logContextOf(call));
    },
  };
}

function eventOf(error: unknown): EventName {
  if (error instanceof InvalidResult) return 'tool.result-invalid';
  return error instanceof Stopped ? 'tool.timed-out' : 'tool.failed';
}

/** For the log: who called what. */
function logContextOf(call: Call): LogContext {
  const { server, context, request } = call;
  const { method, params } = request;
  const { tenant, user } = context.caller.principal;
  return {
    ...{ server: server.info.name, tenant, user, client: context.caller.client, method },
    // The URI of a resource is an argument.
    tool: method === 'resources/read' ? undefined : context.subject.target,
    ...server.audit?.idsOf?.(call),
    args: [params.arguments, params.uri, params.argument, params.inputResponses],
  };
}

/** Without an `onError`, errors go to stderr. */
const logToStderr: OnError = (error, event, { tool, method } = {}) =>
  console.error(`${event}${targetNote(tool ?? method)}:`, error);
const targetNote = (target: string | undefined): string => (target === undefined ? '' : ` (${target})`);

/** A log that throws must not break an answer. */
export function safeLog(onError: OnError = logToStderr): OnError {
  return (error, event, context) => {
    try {
      onError(error, event, context);
    } catch (failure) {
      console.error('onError failed:', failure, 'at', event, error);
    }
  };
}

/** V8's heap limit: `--max-old-space-size`, or V8's default for this machine. */
const HEAP_BYTES = getHeapStatistics().heap_size_limit;
const IN_FLIGHT_BYTES = Math.floor(HEAP_BYTES / 8);
/** One call per 256 KiB of heap; a call with small arguments and a small answer takes a fraction of that. */
const IN_FLIGHT_CALLS = Math.min(10_000, Math.ceil(HEAP_BYTES / (256 * 1024)));

/** Every bound is a setting; these are the defaults. Times are milliseconds. */
export const BOUNDS = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  jsonDepth: 64,
  /** Object members and array items in a message; half a million would take 100 ms to read. */
  jsonMembers: 20_000,
  batchMessages: 50,
  requestMs: 30_000,
  toolDeadlineMs: 30_000,
  keepAliveMs: 15_000,
  /** How long running calls have to finish once the server begins to stop. */
  drainMs: 5_000,
  pageSize: 100,
  /** How many clients may listen at the same time (`subscriptions/listen`). */
  openStreams: 10_000,
  /** Calls in progress, and bytes of bodies and answers in memory, in total and per principal. */
  inFlightCalls: IN_FLIGHT_CALLS,
  inFlightCallsPerPrincipal: Math.ceil(IN_FLIGHT_CALLS / 4),
  inFlightBytes: IN_FLIGHT_BYTES,
  inFlightBytesPerPrincipal: Math.ceil(IN_FLIGHT_BYTES / 2),
  /** Listening clients of one principal, if tokens tell principals apart; by default a tenth of `openStreams`, and at least 10. */
  streamsPerPrincipal: undefined as number | undefined,
  /** How long a legacy client that lost its stream waits before it reconnects. */
  retryMs: 1_000,
  listTtlMs: 60_000,
};

export type Bounds = typeof BOUNDS;
