/**
 * The requests that are being answered right now: to stop them all when the server stops, and to find the one that a
 * legacy client cancels from another POST.
 */
import type { Id } from '../jsonrpc/message.js';
import { type Exchange, Stopped } from '../mcp/exchange.js';

export class InFlight {
  readonly #byId = new Map<string, Set<Exchange>>();
  #idle: (() => void) | undefined;
  #count = 0;

  add(id: Id, exchange: Exchange): () => void {
    const key = keyOf(id);
    const same = this.#byId.get(key) ?? new Set();
    this.#byId.set(key, same.add(exchange));
    this.#count += 1;
    return () => {
      same.delete(exchange);
      if (same.size === 0) this.#byId.delete(key);
      this.#count -= 1;
      if (this.#count === 0) this.#idle?.();
    };
  }

  /**
   * Without a session, an id alone does not say whose request is meant. It is cancelled when it is the only legacy one
   * with that id; otherwise the notification is ignored, as it may be (2025-11-25/cancellation/006).
   */
  cancel(id: Id, reason: string): void {
    const legacy = [...(this.#byId.get(keyOf(id)) ?? [])].filter(({ features }) => features.era === 'legacy');
    if (legacy.length === 1) legacy[0]?.stop(new Stopped('cancelled', reason));
  }

  /** Resolves when nothing runs any more, having stopped what still ran after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    if (this.#count === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const timer = setTimeout(() => {
      for (const same of this.#byId.values()) {
        for (const exchange of same) exchange.stop(new Stopped('stopping', 'the server is stopping'));
      }
    }, drainMs);
    await idle;
    clearTimeout(timer);
  }
}

function keyOf(id: Id): string {
  return `${typeof id}:${id}`;
}
