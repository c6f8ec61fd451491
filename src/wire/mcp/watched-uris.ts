/**
 * The resources that one client watches. It hears of each under the address that it used itself, however the server writes
 * it, since it looks for that address.
 */
import type { Change } from './changes.js';
import { uriKey } from './uri.js';

export class WatchedUris {
  readonly #byKey = new Map<string, string>();

  constructor(uris: Iterable<string> = []) {
    for (const uri of uris) this.add(uri);
  }

  get size(): number {
    return this.#byKey.size;
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
  told(change: Change): Change | undefined {
    if (change.kind !== 'resource') return change;
    const uri = this.#byKey.size === 0 ? undefined : this.#byKey.get(uriKey(change.uri));
    return uri === undefined ? undefined : { kind: 'resource', uri };
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#byKey.values();
  }
}
