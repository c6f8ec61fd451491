/**
 * What a legacy client settled in its handshake, where something remembers it: the process on stdio, an opt-in session over HTTP. And
 * the changes that clients are notified of: lists that changed, and resources that were updated.
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
  /** What `logging/setLevel` asked for; until then the server's choice (2025-11-25/logging/003). */
  logLevel: LogLevel;
  /** The URIs that the client subscribed to. */
  readonly watched: WatchedUris;
  /** Where replicas share what is settled: settles it for all of them, and here; or the refusal. */
  keep?: (setting: ConnectionSetting) => Promise<Fault | undefined>;
};

/** What a client settles after its handshake. */
export type ConnectionSetting = { logLevel: LogLevel } | { uri: string; watch: boolean };

/** Returns the empty result that confirms it to the client. */
export async function settle(
  connection: Connection,
  setting: ConnectionSetting,
): Promise<JsonObject | Fault> {
  if (connection.keep !== undefined) return (await connection.keep(setting)) ?? {};
  if ('logLevel' in setting) connection.logLevel = setting.logLevel;
  else if (setting.watch) connection.watched.add(setting.uri);
  else connection.watched.delete(setting.uri);
  return {};
}

/** The longest capabilities, in characters of JSON: they are kept as long as the client's session or task. */
const MAX_CAPABILITIES = 16 * 1024;

/** The refusal of longer ones. */
export function checkCapabilities(capabilities: JsonObject, field: string): Fault | undefined {
  const chars = JSON.stringify(capabilities).length;
  if (chars <= MAX_CAPABILITIES) return undefined;
  return invalidParams(`${field} may have at most ${MAX_CAPABILITIES} characters as JSON, received ${chars}`);
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

  /** The change under the client's own address; undefined for a resource that it does not watch. */
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

  /** Returns a function that ends the listening. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: Change): void {
    // A copy: a listener may end its listening, or another's.
    for (const listener of [...this.#listeners]) listener(change);
  }
}

/** The notification that tells of a change, without what a subscription adds to it. */
export function changeNotification(change: Change): { method: string; params: JsonObject } {
  if (change.kind === 'resource')
    return { method: 'notifications/resources/updated', params: { uri: change.uri } };
  if (change.kind === 'task') return { method: 'notifications/tasks', params: change.task };
  return { method: `notifications/${change.kind}/list_changed`, params: {} };
}
