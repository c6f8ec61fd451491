/** What somebody says to make an endpoint, and the bounds it keeps unless told otherwise. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import type { ManifestOptions } from '../../app/manifest-documents.js';
import type { SessionOptions } from '../../cluster/sessions/kept-sessions.js';
import type { SharedState } from '../../cluster/shared-state.js';
import type { Audit } from '../../governance/audit/log.js';
import type { AuthOptions } from '../../oauth/protection.js';
import type { Verifier } from '../../oauth/verifier.js';
import type { Observe } from '../http/observe.js';
import type { ApprovalPort } from '../mcp/approval-port.js';
import type { Budget, BudgetBounds } from '../mcp/budget.js';
import type { Changes } from '../mcp/changes.js';
import type { Implementation } from '../mcp/mcp-server.js';
import type { Policy } from '../mcp/policy-port.js';
import type { Prompt } from '../mcp/prompts.js';
import type { Resource, ResourceTemplate } from '../mcp/resources.js';
import type { Tool } from '../mcp/tool.js';

/** As much as V8 may use: `--max-old-space-size`, or what it takes the machine to have. */
const HEAP_BYTES = getHeapStatistics().heap_size_limit;
const IN_FLIGHT_BYTES = Math.floor(HEAP_BYTES / 8);
/** A call with small arguments and a small answer takes a fraction of that. */
const IN_FLIGHT_CALLS = Math.min(10_000, Math.ceil(HEAP_BYTES / (256 * 1024)));

/** Every bound is a setting; these are the defaults. Times are milliseconds. */
export const BOUNDS = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  jsonDepth: 64,
  /** Members of all objects and items of all arrays in a message; half a million of them would take 100 ms to read. */
  jsonMembers: 20_000,
  batchMessages: 50,
  requestMs: 30_000,
  toolDeadlineMs: 30_000,
  keepAliveMs: 15_000,
  /** How long answers may take to finish once the server is told to stop. */
  drainMs: 5_000,
  pageSize: 100,
  /** Clients that may listen at the same time (`subscriptions/listen`). */
  openStreams: 10_000,
  /** Calls that are being answered, and bytes of bodies and answers in memory; one principal may have a part of them. */
  inFlightCalls: IN_FLIGHT_CALLS,
  inFlightCallsPerPrincipal: Math.ceil(IN_FLIGHT_CALLS / 4),
  inFlightBytes: IN_FLIGHT_BYTES,
  inFlightBytesPerPrincipal: Math.ceil(IN_FLIGHT_BYTES / 2),
  /** Those of one principal, where tokens tell principals apart; a tenth and at least 10 unless given. */
  streamsPerPrincipal: undefined as number | undefined,
  /** When a legacy client that lost its stream may come back. */
  retryMs: 1_000,
  listTtlMs: 60_000,
};

export type Bounds = typeof BOUNDS;

export function budgetBounds(bounds: Bounds): BudgetBounds {
  const { inFlightCalls, inFlightCallsPerPrincipal, inFlightBytes, inFlightBytesPerPrincipal } = bounds;
  return {
    calls: inFlightCalls,
    callsPerPrincipal: inFlightCallsPerPrincipal,
    bytes: inFlightBytes,
    bytesPerPrincipal: inFlightBytesPerPrincipal,
  };
}

export type AuditOptions = {
  log: Pick<Audit, 'append' | 'healthy'>;
  /** Calls that only read are refused, too, while the log cannot be written. Those that change something always are. */
  required?: boolean;
  /** Refused callers without a valid token that get a full record, for each reason and minute; the others are counted. 60 unless given. */
  anonymousPerMinute?: number;
};

export type Pages = {
  /** False for a path that is none of them. Host and Origin have been checked. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends what is open. */
  close(): void;
};

export type EndpointOptions = Implementation & {
  /** The secret that opens `/metrics`, unless `url` is given; without it there is nothing there. */
  operatorSecret?: string;
  /**
   * The URL by which clients know the endpoint, and the audience of its tokens. Where it listens unless given; behind a
   * proxy it has to be given.
   */
  url?: string;
  /** Who may issue tokens for it. Without this the endpoint is open to whoever reaches it. */
  auth?: AuthOptions;
  /** What a principal may do: with `auth`, that tokens hold the scope of their tool, unless given. */
  policy?: Policy;
  /** Where everything that was asked and refused is written down, before its answer leaves. */
  audit?: AuditOptions;
  /** Asks a person about calls that lack an approval; without it they are refused. */
  approving?: ApprovalPort;
  /** Other pages on the same port, made once it is known which resource this is; only with `auth`. */
  pages?: (made: { resource: string; verifier: Verifier }) => Pages;
  /** Who answers for the server and what they promise; with it, it publishes its manifest. */
  manifest?: ManifestOptions;
  /** Whether its tools only read: then none can be registered that changes something. */
  readOnly?: boolean;
  /** For a model: how to use this server. */
  instructions?: string;
  tools: readonly Tool[];
  resources?: readonly Resource[];
  resourceTemplates?: readonly ResourceTemplate[];
  prompts?: readonly Prompt[];
  /** Sends what handlers `log` to clients that ask for it; new servers should rather not (2026-07-28/logging/001). */
  logging?: boolean;
  /**
   * Takes null as null. Unless given, null for an optional argument whose schema forbids null counts as left out, and so does
   * `arguments: null`, since several clients send that for what nobody gave.
   */
  strictArguments?: boolean;
  /** Offers the tasks extension: `context.task` then goes on in the background for clients that know it. */
  tasks?: boolean;
  /** Tasks of one principal that are kept, with `auth`; 1,000 of 10,000 unless given. */
  tasksPerPrincipal?: number | undefined;
  /** Remembers legacy clients between requests; off unless given: legacy requests then stand alone like modern ones. */
  sessions?: SessionOptions;
  /**
   * What the replicas of this server share: endpoints of one name over one state are one server. Changes then reach the
   * clients of all of them, and sessions and tasks go on at any. Alone in its process, an endpoint needs none.
   */
  state?: SharedState;
  /**
   * Secrets of 32 bytes, from which, with this resource, the keys for `requestState` are derived: the first seals, all open. By
   * default one is generated. Replicas share these secrets and `url`.
   */
  sealingKeys?: readonly Uint8Array[];
  /**
   * Where changes come from and go to; one of its own unless several endpoints share it. What is emitted here is told to the
   * clients of this process; `changed` of an endpoint tells those of all its replicas.
   */
  changes?: Changes;
  /** Where the endpoint stands; `/mcp` unless given. */
  path?: string;
  /** Host names to serve besides the loopback ones. */
  allowHosts?: readonly string[];
  /** Origins that browsers may call from besides loopback pages. */
  allowOrigins?: readonly string[];
  bounds?: Partial<Bounds>;
  /** What may be in flight; one of its own by `bounds` unless the endpoints of a process share it. */
  budget?: Budget;
  /** Rejects with the reason while something that the tools need cannot be reached: `GET /readyz`. */
  ready?: () => Promise<void>;
  /** Counters of the process's own, by name, for `GET /metrics`. */
  counters?: () => { [name: string]: number };
  /** Watches exchanges, byte by byte; while nobody does, they are handled as if this did not exist. */
  observe?: Observe;
  /** Told of everything unexpected; nothing of it reaches the wire. Writes to stderr unless given. */
  onError?: (error: unknown, about: string) => void;
};
