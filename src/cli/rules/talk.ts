/** What is remembered of one conversation: of a process on stdio, of a session, or of a client's modern requests. */

import type { Revision } from '../../wire/revisions.js';
import type { JsonObject } from '../../wire/value.js';
import { BoundedMap } from './bounded.js';
import { HeardRequests } from './heard-requests.js';
import type { MirroredParam } from './mirrored-params.js';
import type { Side } from './violation.js';

/** What is remembered of a listed tool. */
export type ToolFacts = {
  /** The parameters that headers mirror; undefined if an annotation is invalid, which takes the tool out of a client's view. */
  mirroredParams: readonly MirroredParam[] | undefined;
  hasOutputSchema: boolean;
  taskSupport: unknown;
};

const MAX_TOOLS = 2000;
const MAX_REMEMBERED = 500;

export class Talk {
  readonly requests: { readonly [S in Side]: HeardRequests } = {
    client: new HeardRequests(),
    server: new HeardRequests(),
  };

  /** How far the handshake of the legacy revisions is. */
  handshake: 'none' | 'asked' | 'answered' | 'complete' = 'none';
  /** What the handshake settled; while it runs, what the client proposes. Undefined if unknown. */
  negotiatedRevision: Revision | undefined;
  /** Client requests since the handshake was answered, while no `notifications/initialized` came. */
  early = 0;
  /** The capabilities of the handshake. */
  clientCapabilities: JsonObject | undefined;
  serverCapabilities: JsonObject | undefined;
  session: string | undefined;

  /** What `server/discover` said. */
  discovery: { versions: readonly unknown[]; capabilities: JsonObject } | undefined;
  /** A modern message came. */
  modern = false;
  /** The server has answered as only a modern one does. Until then it may be a legacy one that a client tries out. */
  servesModern = false;

  readonly tools = new BoundedMap<string, ToolFacts>(MAX_TOOLS);
  /** Every page of the tool list was seen, and it has not changed since. */
  allToolsSeen = false;
  /** The cursor of the page that goes on with the tool list. */
  nextToolPage: string | undefined;
  /** The `cacheScope` of the page that gave this cursor, by method and cursor. */
  readonly scopes = new BoundedMap<string, unknown>(MAX_REMEMBERED);
  /** Cursors that the server gave, with their method. */
  readonly cursors = new BoundedMap<string, true>(MAX_REMEMBERED);
  /** The ids of the requests that were answered with this `requestState`. */
  readonly states = new BoundedMap<string, string>(MAX_REMEMBERED);
  /** The last status of each task. */
  readonly tasks = new BoundedMap<string, string>(MAX_REMEMBERED);

  constructor(
    readonly transport: 'http' | 'stdio',
    /** Seen from its first message on. */
    readonly whole: boolean,
    /** All requests of clients come from one client. */
    readonly oneClient: boolean,
  ) {}

  /** The revision of a message that does not say it itself. */
  get revision(): Revision | undefined {
    if (this.handshake !== 'none') return this.negotiatedRevision;
    return this.modern ? '2026-07-28' : undefined;
  }
}
