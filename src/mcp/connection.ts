/**
 * What a legacy client settled in its handshake, where something remembers it: the process on stdio, an opt-in session
 * over HTTP. Without one, every legacy request stands alone like a modern one.
 */

import type { Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { LogLevel } from './log.js';

export type Connection = {
  revision: Revision;
  /** What the client declared in `initialize`. */
  capabilities: JsonObject;
  /** What `logging/setLevel` asked for; until then the server's choice (2025-11-25/logging/003). */
  logLevel: LogLevel;
  /** The URIs that the client subscribed to. */
  readonly watched: Set<string>;
};

export function createConnection(revision: Revision, capabilities: JsonObject): Connection {
  return { revision, capabilities, logLevel: 'info', watched: new Set() };
}
