/** The options of a governed endpoint: tokens, policy, audit, approvals, and what replicas share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionOptions } from '../cluster/sessions/kept-sessions.js';
import type { SharedState } from '../cluster/shared-state.js';
import type { ApprovalRequests } from '../governance/approval/waiting/approving.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import type { Observe } from '../lesson/trace/observe.js';
import type { Document } from '../oauth/discovery.js';
import type { AuthOptions } from '../oauth/protection.js';
import type { Verifier } from '../oauth/verifier.js';
import type { HttpOptions } from '../wire/server/endpoint.js';
import type { ManifestOptions } from './manifest-documents.js';

export type Pages = {
  /** False when `path` is not one of these pages; otherwise it answers. Host and Origin were checked before. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends the streams of open pages. */
  close(): void;
};

type WireOptions = Omit<
  HttpOptions,
  | 'approvals'
  | 'audit'
  | 'tasks'
  | 'sealer'
  | 'sealerFor'
  | 'tokens'
  | 'routes'
  | 'sessions'
  | 'count'
  | 'watch'
  | 'onListening'
>;

export type EndpointOptions = WireOptions & {
  /** The secret that opens `/metrics`. Without it, or with `url`, this port serves no metrics. */
  operatorSecret?: string | undefined;
  /** Who may issue tokens for the endpoint. Without this, the endpoint is open to every caller. */
  auth?: AuthOptions;
  /** Records calls and refusals. A record is written before its answer leaves. */
  audit?: AuditOptions;
  /** Asks a person about calls that lack an approval; without it they are refused. */
  approving?: ApprovalRequests;
  /** Other pages on the same port, created when the server's resource is known; only with `auth`. */
  pages?: ((guard: { resource: string; verifier: Verifier }) => Pages) | undefined;
  /** Who is responsible for the server, and what they promise. With it, the server publishes its manifest. */
  manifest?: ManifestOptions;
  /** Further public documents, by path. */
  documents?: ReadonlyMap<string, Document>;
  /** Refuses to register a tool that changes state. */
  readOnly?: boolean;
  /** Offers the tasks extension: for clients that know it, `context.task` runs in the background. */
  tasks?: boolean;
  /** The most tasks kept for one principal, with `auth`; 1,000 of 10,000 by default. */
  tasksPerPrincipal?: number | undefined;
  /** Remembers legacy clients between requests. Without it, each legacy request stands alone, like a modern one. */
  sessions?: SessionOptions | undefined;
  /**
   * What replicas share. Endpoints with the same name and the same state are one server: changes reach the clients of all of
   * them, and any of them can continue a session or a task. A server without replicas needs no shared state.
   */
  state?: SharedState | undefined;
  /**
   * Secrets of 32 bytes. They and this resource give the keys for `requestState`: the first seals, all open. By default one
   * secret is generated. Replicas need the same secrets and the same `url`.
   */
  sealingKeys?: readonly Uint8Array[];
  /** More for `GET /metrics`, in Prometheus's text format. */
  collect?: () => string;
  /** Watches requests byte by byte. Unwatched requests cost nothing extra. */
  observe?: Observe;
};
