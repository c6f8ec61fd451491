/**
 * The requests that are being answered right now: to stop them all when the server stops, and to find the one that a
 * legacy client cancels from another POST.
 */
import type { Socket } from 'node:net';
import { after, now } from '../clock.js';
import type { Id } from '../jsonrpc/message.js';
import { type RequestContext, Stopped } from '../mcp/request-context.js';
import { ANONYMOUS, type Principal } from '../principal.js';

const STOPPING = (): Stopped => new Stopped('stopping', 'the server is stopping');

type Entry = { exchange: RequestContext; owner: string; listener: string | undefined; place: number };

/** Arrays, whose places are used again: a Map or a Set makes itself a new table every few requests that come and go. */
export class InFlight {
  readonly #entries: Entry[] = [];
  readonly #bySocket = new WeakMap<Socket, RequestContext[]>();
  #idle: (() => void) | undefined;
  #listening = 0;
  /** How many of them each principal has. */
  readonly #listeners = new Map<string, number>();
  #draining = false;
  /** The time for answers is over. */
  #stopping = false;

  get count(): number {
    return this.#entries.length;
  }

  /** How many clients listen, each on a stream that may last for days. */
  get listening(): number {
    return this.#listening;
  }

  listeningOf(principal: string): number {
    return this.#listeners.get(principal) ?? 0;
  }

  has(owner: string, id: Id): boolean {
    return this.#entries.some((one) => one.owner === owner && one.exchange.id === id);
  }

  /** `owner` is the session or the principal in which an id means one request; a `listener`'s request lasts. */
  add(owner: string, exchange: RequestContext, listener?: string): () => void {
    const entry = { exchange, owner, listener, place: this.#entries.length };
    this.#entries.push(entry);
    if (listener !== undefined) this.#listens(listener, 1);
    // What still comes over an open connection is answered, within the time that the others have.
    if (this.#stopping || (this.#draining && listener !== undefined)) exchange.stop(STOPPING());
    return () => this.#remove(entry);
  }

  #listens(principal: string, more: 1 | -1): void {
    this.#listening += more;
    const count = this.listeningOf(principal) + more;
    if (count === 0) this.#listeners.delete(principal);
    else this.#listeners.set(principal, count);
  }

  #remove({ place, listener }: Entry): void {
    // The last one takes the place that is free.
    const last = this.#entries.pop();
    if (last !== undefined && place < this.#entries.length) {
      this.#entries[place] = last;
      last.place = place;
    }
    if (listener !== undefined) this.#listens(listener, -1);
    if (this.#entries.length === 0) this.#idle?.();
  }

  /**
   * Stops the exchange when the connection closes (2026-07-28/streamable-http/027), until the returned function is
   * called. One listener a connection, since many requests may wait in its pipeline.
   */
  stopWhenGone(socket: Socket, exchange: RequestContext): () => void {
    const waiting = this.#bySocket.get(socket) ?? this.#watch(socket);
    waiting.push(exchange);
    return () => void waiting.splice(waiting.indexOf(exchange), 1);
  }

  /** Apart from the above: what the listener of a connection sees lives as long as the connection. */
  #watch(socket: Socket): RequestContext[] {
    const waiting: RequestContext[] = [];
    this.#bySocket.set(socket, waiting);
    socket.once('close', () => {
      const gone = new Stopped('cancelled', 'the client closed the connection');
      for (const one of [...waiting]) one.stop(gone);
    });
    return waiting;
  }

  /**
   * A caller without a session may use an id twice, and then it does not say which request is meant. It is cancelled when
   * it is the only legacy one with that id; otherwise the notification is ignored, as it may be
   * (2025-11-25/cancellation/006). False when there is none here.
   */
  cancel(owner: string, id: Id, reason: string): boolean {
    const legacy = this.#entries.filter(
      (one) => one.owner === owner && one.exchange.id === id && one.exchange.features.era === 'legacy',
    );
    if (legacy.length === 1) legacy[0]?.exchange.stop(new Stopped('cancelled', reason));
    return legacy.length > 0;
  }

  /**
   * Resolves when nothing runs any more and, with `gone`, nothing can come: listeners are ended at once, calls are stopped
   * after `drainMs`.
   */
  async drain(drainMs: number, gone?: Promise<void>): Promise<void> {
    this.#draining = true;
    for (const { exchange } of [...this.#entries]) if (exchange.listening) exchange.stop(STOPPING());
    const timer = setTimeout(() => {
      this.#stopping = true;
      for (const { exchange } of [...this.#entries]) exchange.stop(STOPPING());
    }, drainMs);
    await gone;
    if (this.#entries.length > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    clearTimeout(timer);
  }
}

/** Longer ones overflow, and would strike at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Seconds. */
const WITHOUT_END_S = 900;

/** Calls `run` when the principal's token has ended, unless the returned function is called first. */
export function atExpiry(principal: Principal, run: () => void): () => void {
  // Who brought no token at all speaks on an open server.
  if (principal === ANONYMOUS) return () => {};
  const { expiresAt = now().getTime() / 1_000 + WITHOUT_END_S } = principal;
  let forget: () => void;
  const wait = (): void => {
    const ms = expiresAt * 1_000 - now().getTime();
    forget = ms > 0 ? after(Math.min(ms, LONGEST_TIMER_MS), wait) : after(0, run);
  };
  wait();
  return () => forget();
}
