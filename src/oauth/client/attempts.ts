/**
 * Limits how often the client gets a new token for the same reason: a server that refuses every token must not send a person
 * to the browser for ever.
 */

const MAX_ALL = 6;
/** A token that worked for this long ends the count. */
const RESET_MS = 60_000;

export class Attempts {
  readonly #counts = new Map<string, number>();
  #lastAt = 0;

  constructor(readonly clock: () => Date) {}

  /** Whether the client may get another token for this: fewer than `most` in a row so far, and not too many in all. */
  allow(what: string, most: number): boolean {
    if (this.clock().getTime() - this.#lastAt > RESET_MS) this.#counts.clear();
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return all < MAX_ALL && (this.#counts.get(what) ?? 0) < most;
  }

  /** Counts one token. */
  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    this.#lastAt = this.clock().getTime();
  }
}
