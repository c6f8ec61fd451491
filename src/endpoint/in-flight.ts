/**
 * The requests that are being answered right now: to stop them all when the server stops, and to find the one that a
 * legacy client cancels from another POST.
 */
import type { Socket } from 'node:net';
import type { Id } from '../jsonrpc/message.js';
import { type Exchange, Stopped } from '../mcp/exchange.js';

const STOPPING = (): Stopped => new Stopped('stopping', 'the server is stopping');

export class InFlight {
  readonly #byId = new Map<string, Set<Exchange>>();
  readonly #bySocket = new WeakMap<Socket, Set<Exchange>>();
  #idle: (() => void) | undefined;
  #count = 0;
  #listening = 0;
  #draining = false;
  /** The time for answers is over. */
  #stopping = false;

  get count(): number {
    return this.#count;
  }

  /** How many clients listen, each on a stream that may last for days. */
  get listening(): number {
    return this.#listening;
  }

  has(owner: string, id: Id): boolean {
    return this.#byId.has(keyOf(owner, id));
  }

  /** `owner` is the session or the principal, within whom an id means one request; `listens`, for requests that last. */
  add(owner: string, exchange: Exchange, listens = false): () => void {
    const key = keyOf(owner, exchange.id);
    const same = this.#byId.get(key) ?? new Set();
    this.#byId.set(key, same.add(exchange));
    this.#count += 1;
    if (listens) this.#listening += 1;
    // What still comes over an open connection is answered, within the time that the others have.
    if (this.#stopping || (this.#draining && listens)) exchange.stop(STOPPING());
    return () => {
      same.delete(exchange);
      if (same.size === 0) this.#byId.delete(key);
      this.#count -= 1;
      if (listens) this.#listening -= 1;
      if (this.#count === 0) this.#idle?.();
    };
  }

  /**
   * Stops the exchange when the connection closes (2026-07-28/streamable-http/027), until the returned function is
   * called. One listener a connection, since many requests may wait in its pipeline.
   */
  stopWhenGone(socket: Socket, exchange: Exchange): () => void {
    const waiting = this.#bySocket.get(socket) ?? new Set();
    if (!this.#bySocket.has(socket)) {
      this.#bySocket.set(socket, waiting);
      socket.once('close', () => {
        const gone = new Stopped('cancelled', 'the client closed the connection');
        for (const one of waiting) one.stop(gone);
      });
    }
    waiting.add(exchange);
    return () => waiting.delete(exchange);
  }

  /**
   * A caller without a session may use an id twice, and then it does not say which request is meant. It is cancelled when it is the only legacy one
   * with that id; otherwise the notification is ignored, as it may be (2025-11-25/cancellation/006).
   */
  cancel(owner: string, id: Id, reason: string): void {
    const legacy = [...(this.#byId.get(keyOf(owner, id)) ?? [])].filter(
      ({ features }) => features.era === 'legacy',
    );
    if (legacy.length === 1) legacy[0]?.stop(new Stopped('cancelled', reason));
  }

  /**
   * Resolves when nothing runs any more and, with `gone`, nothing can come: listeners are ended at once, calls are stopped
   * after `drainMs`.
   */
  async drain(drainMs: number, gone?: Promise<void>): Promise<void> {
    this.#draining = true;
    for (const exchange of this.#all()) if (exchange.listening) exchange.stop(STOPPING());
    const timer = setTimeout(() => {
      this.#stopping = true;
      for (const exchange of this.#all()) exchange.stop(STOPPING());
    }, drainMs);
    await gone;
    if (this.#count > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    clearTimeout(timer);
  }

  #all(): Exchange[] {
    return [...this.#byId.values()].flatMap((same) => [...same]);
  }
}

function keyOf(owner: string, id: Id): string {
  return `${owner}\n${typeof id}:${id}`;
}
