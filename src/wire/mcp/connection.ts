/**
 * What a legacy client settled in its handshake, if something remembers it: the process on stdio, an opt-in session over HTTP. Also the
 * changes that clients are notified of: changed lists, and updated resources and tasks.
 */
import { type Fault, invalidParams } from '../fault.js';
import type { Bound } from '../principal.js';
import type { Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { LogLevel } from './definitions.js';
import { uriKey } from './uri.js';

export type Connection = {
  revision: Revision;
  /** What the client declared in `initialize`. */
  capabilities: JsonObject;
  /** The client's name and version, as it calls itself. */
  client: string | undefined;
  /** From `logging/setLevel`; the server's choice until then (2025-11-25/logging/003). */
  logLevel: LogLevel;
  /** The URIs that the client subscribed to. */
  readonly watched: WatchedUris;
  /** Set if replicas share the connection: settles for all of them, or returns the refusal. */
  settleShared?: (setting: ConnectionSetting) => Promise<Fault | undefined>;
};

/** What a client settles after its handshake. */
export type ConnectionSetting = { logLevel: LogLevel } | { uri: string; watch: boolean };

/** Returns the empty result that confirms it to the client. */
export async function settle(
  connection: Connection,
  setting: ConnectionSetting,
): Promise<JsonObject | Fault> {
  if (connection.settleShared !== undefined) return (await connection.settleShared(setting)) ?? {};
  if ('logLevel' in setting) connection.logLevel = setting.logLevel;
  else if (setting.watch) connection.watched.add(setting.uri);
  else connection.watched.delete(setting.uri);
  return {};
}

/** As JSON. The server keeps capabilities as long as the client's session or task. */
const MAX_CAPABILITIES_CHARS = 16 * 1024;

/** The refusal of capabilities that are too long. */
export function checkCapabilities(capabilities: JsonObject, field: string): Fault | undefined {
  const chars = JSON.stringify(capabilities).length;
  if (chars <= MAX_CAPABILITIES_CHARS) return undefined;
  return invalidParams(
    `${field} may have at most ${MAX_CAPABILITIES_CHARS} characters as JSON, received ${chars}`,
  );
}

export class WatchedUris {
  readonly #byKey = new Map<string, string>();

  constructor(uris: Iterable<string> = []) {
    for (const uri of uris) this.add(uri);
  }

  get size(): number {
    return this.#byKey.size;
  }

  has(uri: string): boolean {
    return this.#byKey.has(uriKey(uri));
  }

  add(uri: string): void {
    this.#byKey.set(uriKey(uri), uri);
  }

  delete(uri: string): void {
    this.#byKey.delete(uriKey(uri));
  }

  clear(): void {
    this.#byKey.clear();
  }

  /** The change with the client's spelling of the URI; undefined for a resource that it does not watch. */
  changeFor(change: Change): Change | undefined {
    if (change.kind !== 'resource') return change;
    const uri = this.#byKey.size === 0 ? undefined : this.#byKey.get(uriKey(change.uri));
    return uri === undefined ? undefined : { kind: 'resource', uri };
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#byKey.values();
  }
}

export type Change =
  | { kind: 'tools' | 'prompts' | 'resources' }
  | { kind: 'resource'; uri: string }
  /** Only clients that may read the task are notified. */
  | { kind: 'task'; taskId: string; task: JsonObject; bound?: Bound };

export class Changes {
  readonly #listeners = new Set<(change: Change) => void>();

  /** Returns a function that removes the listener. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: Change): void {
    // A copy, because a listener may remove itself or others.
    for (const listener of [...this.#listeners]) listener(change);
  }
}

/** The notification for a change, without the `_meta` that a subscription adds. */
export function changeNotification(change: Change): { method: string; params: JsonObject } {
  if (change.kind === 'resource')
    return { method: 'notifications/resources/updated', params: { uri: change.uri } };
  if (change.kind === 'task') return { method: 'notifications/tasks', params: change.task };
  return { method: `notifications/${change.kind}/list_changed`, params: {} };
}
