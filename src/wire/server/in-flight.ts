/**
 * The requests in progress. The server needs them to stop them all when it stops, and to find the one that a legacy client
 * cancels in another POST.
 */
import type { Socket } from 'node:net';
import { after, now } from '../clock.js';
import type { Id } from '../jsonrpc/message.js';
import { type RequestContext, Stopped } from '../mcp/request-context.js';
import { ANONYMOUS, type Principal } from '../principal.js';

type Entry = {
  context: RequestContext;
  /** The session or principal within which an id names one request. */
  owner: string;
  /** The principal, when the request is a listen stream. */
  listener: string | undefined;
  /** The requests that end with the same connection; undefined for a request that survives it. */
  neighbours: RequestContext[] | undefined;
  place: number;
};

/** Uses arrays and reuses their places: a Map or a Set allocates a new table every few requests that come and go. */
export class InFlight {
  readonly #entries: Entry[] = [];
  readonly #bySocket = new WeakMap<Socket, RequestContext[]>();
  #idle: (() => void) | undefined;
  #draining = false;
  /** True when the time to finish answers is over. */
  #stopping = false;

  get count(): number {
    return this.#entries.length;
  }

  /** How many clients listen, each on a stream that may last for days; with `principal`, only those of that principal. */
  listeners(principal?: string): number {
    let count = 0;
    for (const { listener } of this.#entries)
      if (listener !== undefined && (principal === undefined || listener === principal)) count += 1;
    return count;
  }

  has(owner: string, id: Id): boolean {
    return this.#entries.some((one) => one.owner === owner && one.context.id === id);
  }

  /** With `socket`, the request stops when that connection closes (2026-07-28/streamable-http/027). */
  add(
    context: RequestContext,
    owner: string,
    { listener, socket }: { listener: string | undefined; socket: Socket | undefined },
  ): Entry {
    const neighbours = socket && (this.#bySocket.get(socket) ?? this.#watch(socket));
    neighbours?.push(context);
    const entry = { context, owner, listener, neighbours, place: this.#entries.length };
    this.#entries.push(entry);
    // While draining, calls that still arrive on open connections get answers, within the same time as the others.
    if (this.#stopping || (this.#draining && listener !== undefined)) context.stop(stopping());
    return entry;
  }

  remove({ context, neighbours, place }: Entry): void {
    neighbours?.splice(neighbours.indexOf(context), 1);
    // The last entry moves to the free place.
    const last = this.#entries.pop();
    if (last !== undefined && place < this.#entries.length) {
      this.#entries[place] = last;
      last.place = place;
    }
    if (this.#entries.length === 0) this.#idle?.();
  }

  /**
   * One event listener per connection, because many requests may be pipelined on it. A separate method, because everything that the event
   * listener can see lives as long as the connection.
   */
  #watch(socket: Socket): RequestContext[] {
    const contexts: RequestContext[] = [];
    this.#bySocket.set(socket, contexts);
    socket.once('close', () => {
      const disconnect = new Stopped('cancelled', 'the client closed the connection');
      for (const context of [...contexts]) context.stop(disconnect);
    });
    return contexts;
  }

  /**
   * A caller without a session may use an id twice, and then the id does not identify one request. Cancels the request if it is
   * the only legacy one with that id, and otherwise ignores the notification, which the specification allows
   * (2025-11-25/cancellation/006). False when there is none here.
   */
  cancel(owner: string, id: Id, reason: string): boolean {
    const legacy = this.#entries.filter(
      (one) => one.owner === owner && one.context.id === id && one.context.features.era === 'legacy',
    );
    if (legacy.length === 1) legacy[0]?.context.stop(new Stopped('cancelled', reason));
    return legacy.length > 0;
  }

  /**
   * Ends listeners at once and stops calls after `drainMs`. Resolves when nothing runs any more and, with `gone`, nothing more
   * can arrive.
   */
  async drain(drainMs: number, clientsGone?: Promise<void>): Promise<void> {
    this.#draining = true;
    for (const { context } of [...this.#entries]) if (context.listening) context.stop(stopping());
    const timer = setTimeout(() => {
      this.#stopping = true;
      for (const { context } of [...this.#entries]) context.stop(stopping());
    }, drainMs);
    await clientsGone;
    if (this.#entries.length > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    clearTimeout(timer);
  }
}

function stopping(): Stopped {
  return new Stopped('stopping', 'the server is stopping');
}

/** A longer timer overflows and would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Seconds that a stream may last when its token does not expire. */
const WITHOUT_EXPIRY_S = 900;

/** Calls `run` when the principal's token has expired, unless the returned function is called first. */
export function atExpiry(principal: Principal, run: () => void): () => void {
  // An anonymous caller has no token that could expire.
  if (principal === ANONYMOUS) return () => {};
  const { expiresAt = now().getTime() / 1_000 + WITHOUT_EXPIRY_S } = principal;
  let forget: () => void;
  const wait = (): void => {
    const ms = expiresAt * 1_000 - now().getTime();
    forget = ms > 0 ? after(Math.min(ms, MAX_TIMER_MS), wait) : after(0, run);
  };
  wait();
  return () => forget();
}
