/**
 * The bytes that one response keeps in memory: its request's body, its answer, and what waits on its stream. They count
 * against its principal's share until the response is out or its client gone.
 */
import type { ServerResponse } from 'node:http';

/** A principal's share, as the response needs it. */
export type Share = { take(bytes: number): boolean; give(bytes: number): void };

export class Held {
  readonly #response: ServerResponse;
  readonly #share: Share;
  #bytes = 0;
  #waiting = 0;
  #watched = false;

  constructor(response: ServerResponse, share: Share) {
    this.#response = response;
    this.#share = share;
  }

  /** That much more, or less where the number is negative; false where there is no room for it. */
  add(bytes: number): boolean {
    // Nothing of it stays where nobody is left to read it.
    if (bytes === 0 || this.#response.destroyed || this.#response.closed) return true;
    if (bytes > 0 && !this.#share.take(bytes)) return false;
    if (bytes < 0) this.#share.give(-bytes);
    this.#bytes += bytes;
    this.#watch();
    return true;
  }

  /** What waits on the stream now; false where there is no room for that. */
  waiting(bytes: number): boolean {
    const more = bytes - this.#waiting;
    if (this.#response.destroyed || this.#response.closed || more === 0) return true;
    if (more > 0 && !this.#share.take(more)) return false;
    if (more < 0) this.#share.give(-more);
    this.#waiting = bytes;
    this.#watch();
    return true;
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#response.once('close', () => {
      this.#share.give(this.#bytes + this.#waiting);
      this.#bytes = 0;
      this.#waiting = 0;
    });
  }
}
