/**
 * Bounds the tokens that are got for one thing: a server that refuses each new token for the same reason must not send a
 * person to the browser for ever.
 */

const MAX_ALL = 6;
/** A token that was good for this long was not got in vain. */
const IN_VAIN_MS = 60_000;

export class Attempts {
  readonly #counts = new Map<string, number>();
  #lastAt = 0;

  constructor(readonly clock: () => Date) {}

  /** Whether fewer than `most` tokens in a row were got for this, and not too many in all. */
  allow(what: string, most: number): boolean {
    if (this.clock().getTime() - this.#lastAt > IN_VAIN_MS) this.#counts.clear();
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return all < MAX_ALL && (this.#counts.get(what) ?? 0) < most;
  }

  /** A token was got. */
  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
    this.#lastAt = this.clock().getTime();
  }
}
