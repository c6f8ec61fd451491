/** A text to the addresses of the entries that it belongs to. */
export class EntryIndex {
  readonly #addresses = new Map<string, Set<string>>();

  get(key: string): Iterable<string> {
    return this.#addresses.get(key) ?? [];
  }

  put(keys: Iterable<string>, address: string): void {
    for (const key of keys) {
      const at = this.#addresses.get(key) ?? new Set();
      this.#addresses.set(key, at.add(address));
    }
  }

  remove(keys: Iterable<string>, address: string): void {
    for (const key of keys) {
      const at = this.#addresses.get(key);
      at?.delete(address);
      if (at?.size === 0) this.#addresses.delete(key);
    }
  }
}
