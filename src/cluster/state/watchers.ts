/** Who watches which space of a shared state, and the messages about changes that replicas send each other. */
import type { OnError } from '../../wire/log.js';
import { isRecord, preview } from '../../wire/value.js';

/** Gets the key of a value that was put; undefined when notifications may have been missed. */
export type Watcher = (key: string | undefined) => void;

export class Watchers {
  readonly #watchers = new Map<string, Set<Watcher>>();

  /** Returns a function that removes it. */
  add(space: string, watcher: Watcher): () => void {
    const all = this.#watchers.get(space) ?? new Set();
    this.#watchers.set(space, all.add(watcher));
    return () => all.delete(watcher);
  }

  notify(space: string, key: string | undefined): void {
    for (const watcher of [...(this.#watchers.get(space) ?? [])]) watcher(key);
  }

  /** To all: notifications may have been missed. */
  notifyAll(): void {
    for (const space of this.#watchers.keys()) this.notify(space, undefined);
  }

  /** Anybody who can connect to the server can send a message; one that no replica writes is ignored and reported. */
  receive(message: string, onError: OnError): void {
    const change = parse(message);
    if (isRecord(change) && typeof change.space === 'string')
      this.notify(change.space, typeof change.key === 'string' ? change.key : undefined);
    else
      onError(
        `no replica sent it: expected {"space", "key"}, received ${preview(message)}`,
        'state.message-foreign',
      );
  }

  clear(): void {
    this.#watchers.clear();
  }
}

/** Without a key, watchers of the space learn that something changed. */
export function changeMessage(space: string, key?: string): string {
  return JSON.stringify({ space, key });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
