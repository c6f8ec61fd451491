/**
 * The requests in progress: to stop them all when the server stops, and to find the one that a legacy client cancels in another POST.
 */
import type { Socket } from 'node:net';
import { after, now } from '../clock.js';
import type { Id } from '../jsonrpc/message.js';
import { type RequestContext, Stopped } from '../mcp/request-context.js';
import { ANONYMOUS, type Principal } from '../principal.js';

type Entry = {
  context: RequestContext;
  /** The session or principal within which an id identifies a request. */
  owner: string;
  /** The principal, if the request is a listen stream. */
  listener: string | undefined;
  /** The requests that end with the same connection; undefined for one that survives it. */
  neighbours: RequestContext[] | undefined;
  index: number;
};

/** Uses arrays, because a Map or a Set allocates a new table every few requests that come and go. */
export class InFlight {
  readonly #entries: Entry[] = [];
  readonly #bySocket = new WeakMap<Socket, RequestContext[]>();
  #onIdle: (() => void) | undefined;
  #isDraining = false;
  /** True when the time to finish answers is over. */
  #isStopping = false;

  get count(): number {
    return this.#entries.length;
  }

  /** How many clients listen; with `principal`, only those of that principal. */
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
    const entry = { context, owner, listener, neighbours, index: this.#entries.length };
    this.#entries.push(entry);
    // While draining, calls that still arrive on open connections get answers, within the same time as the others.
    if (this.#isStopping || (this.#isDraining && listener !== undefined)) context.stop(serverStopping());
    return entry;
  }

  remove({ context, neighbours, index }: Entry): void {
    neighbours?.splice(neighbours.indexOf(context), 1);
    // The last entry fills the gap.
    const last = this.#entries.pop();
    if (last !== undefined && index < this.#entries.length) {
      this.#entries[index] = last;
      last.index = index;
    }
    if (this.#entries.length === 0) this.#onIdle?.();
  }

  /**
   * Adds one event listener per connection, because many requests may be pipelined on it. A separate method, because everything in the
   * listener's scope lives as long as the connection.
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
   * Cancels the legacy request with that id. Callers without a session may use an id twice; then the id identifies no request, and the
   * notification is ignored, which the specification allows (2025-11-25/cancellation/006). False if there is none here.
   */
  cancel(owner: string, id: Id, reason: string): boolean {
    const legacy = this.#entries.filter(
      (one) => one.owner === owner && one.context.id === id && one.context.features.era === 'legacy',
    );
    if (legacy.length === 1) legacy[0]?.context.stop(new Stopped('cancelled', reason));
    return legacy.length > 0;
  }

  /**
   * Ends listeners at once and stops calls after `drainMs`. Resolves when nothing runs any more, and after `clientsGone`.
   */
  async drain(drainMs: number, clientsGone?: Promise<void>): Promise<void> {
    this.#isDraining = true;
    for (const { context } of [...this.#entries]) if (context.isListening) context.stop(serverStopping());
    const timer = setTimeout(() => {
      this.#isStopping = true;
      for (const { context } of [...this.#entries]) context.stop(serverStopping());
    }, drainMs);
    await clientsGone;
    if (this.#entries.length > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    clearTimeout(timer);
  }
}

function serverStopping(): Stopped {
  return new Stopped('stopping', 'the server is stopping');
}

/** A longer timer would overflow and fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long a stream may last if its token does not expire. */
const WITHOUT_EXPIRY_S = 900;

/** Calls `run` when the principal's token has expired, unless the returned function is called first. */
export function atExpiry(principal: Principal, run: () => void): () => void {
  // An anonymous caller has no token that could expire.
  if (principal === ANONYMOUS) return () => {};
  const { expiresAt = now().getTime() / 1_000 + WITHOUT_EXPIRY_S } = principal;
  let clearTimer: () => void;
  const wait = (): void => {
    const ms = expiresAt * 1_000 - now().getTime();
    clearTimer = ms > 0 ? after(Math.min(ms, MAX_TIMER_MS), wait) : after(0, run);
  };
  wait();
  return () => clearTimer();
}
