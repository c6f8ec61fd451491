/**
 * The requests that are being answered right now: to stop them all when the server stops, and to find the one that a
 * legacy client cancels from another POST.
 */
import type { Id } from '../jsonrpc/message.js';
import { type Exchange, Stopped } from '../mcp/exchange.js';

const STOPPING = (): Stopped => new Stopped('stopping', 'the server is stopping');

export class InFlight {
  readonly #byId = new Map<string, Set<Exchange>>();
  #idle: (() => void) | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `owner` is the session, or '' for requests that stand alone. */
  add(owner: string, exchange: Exchange): () => void {
    const key = keyOf(owner, exchange.id);
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
  cancel(owner: string, id: Id, reason: string): void {
    const legacy = [...(this.#byId.get(keyOf(owner, id)) ?? [])].filter(
      ({ features }) => features.era === 'legacy',
    );
    if (legacy.length === 1) legacy[0]?.stop(new Stopped('cancelled', reason));
  }

  /** Resolves when nothing runs any more: listeners are ended at once, calls are stopped after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    for (const exchange of this.#all()) if (exchange.listening) exchange.stop(STOPPING());
    if (this.#count === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const timer = setTimeout(() => {
      for (const exchange of this.#all()) exchange.stop(STOPPING());
    }, drainMs);
    await idle;
    clearTimeout(timer);
  }

  #all(): Exchange[] {
    return [...this.#byId.values()].flatMap((same) => [...same]);
  }
}

function keyOf(owner: string, id: Id): string {
  return `${owner}\n${typeof id}:${id}`;
}
