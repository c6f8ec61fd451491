/** The options of a governed endpoint: who may call, what is decided, recorded and approved, and what replicas share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionOptions } from '../cluster/sessions/kept-sessions.js';
import type { SharedState } from '../cluster/shared-state.js';
import type { ApprovalRequests } from '../governance/approval/waiting/approval-requests.js';
import type { AuditOptions } from '../governance/audit/recorder.js';
import type { Observe } from '../lesson/trace/observe.js';
import type { AuthOptions } from '../oauth/protection.js';
import type { Verifier } from '../oauth/verifier.js';
import type { HttpOptions } from '../wire/server/endpoint.js';
import type { ManifestOptions } from './manifest-documents.js';

export type Pages = {
  /** Returns false for a path that is none of them. Host and Origin have been checked. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
  /** Ends what is open. */
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
  /** The secret that opens `/metrics`; without it, or with `url`, there are no metrics on this port. */
  operatorSecret?: string;
  /** Who may issue tokens for the endpoint. Without this it is open to every caller. */
  auth?: AuthOptions;
  /** The log of every call and every refusal. A record is there before its answer leaves. */
  audit?: AuditOptions;
  /** Asks a person about calls that lack an approval; without it they are refused. */
  approving?: ApprovalRequests;
  /** Other pages on the same port, made once the server's resource is known; only with `auth`. */
  pages?: (made: { resource: string; verifier: Verifier }) => Pages;
  /** Who answers for the server and what they promise; with it, the server publishes its manifest. */
  manifest?: ManifestOptions;
  /** Whether its tools only read: then no tool can be registered that changes something. */
  readOnly?: boolean;
  /** Offers the tasks extension: `context.task` then goes on in the background for clients that know it. */
  tasks?: boolean;
  /** Tasks of one principal that are kept, with `auth`; 1,000 of 10,000 by default. */
  tasksPerPrincipal?: number | undefined;
  /** Remembers legacy clients between requests; without it legacy requests stand alone like modern ones. */
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
  /** Counters of the process, by name, for `GET /metrics`. */
  counters?: () => { [name: string]: number };
  /** Watches requests, byte by byte; unwatched requests do not pay for it. */
  observe?: Observe;
};
