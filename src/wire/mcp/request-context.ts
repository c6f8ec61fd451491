/**
 * One request while it is being answered: what it speaks, who may stop it, and its ways to tell and to ask. The
 * transports make one for each request and end it; timers are handed in, so nothing here knows a clock.
 */
import type { Fault } from '../fault.js';
import type { Id } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { type Features, features, type Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { Authorization, Subject } from './decision.js';
import { type LogLevel, reaches } from './definitions.js';
import { logParams, plainWords } from './masking.js';
import type { Transport } from './transport.js';

export type { NotificationMessage, Transport } from './transport.js';

/** What a request says of its sender. */
export type Caller = {
  /** Who the request speaks for; state, tasks and sessions of one are unknown to any other. */
  principal: Principal;
  /** The client's name and version, as it calls itself. */
  client?: string | undefined;
  /** Given by a caller that wants to be told of progress. */
  progressToken?: Id | undefined;
  /** What the client declared, on this request or in its handshake; undefined where nobody remembers. */
  capabilities?: JsonObject | undefined;
  /** The least severity that the caller wants to be told of; undefined for none. */
  logLevel?: LogLevel | undefined;
};

/** Why an context was stopped before its answer. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  constructor(
    readonly why: 'cancelled' | 'deadline' | 'stopping' | 'expired' | 'refused',
    message: string,
    /** When `refused`: the answer to the caller. */
    readonly fault?: Fault,
  ) {
    super(message);
  }
}

/** Shared, because the log of a session keeps the contexts of its calls for a while. */
const NOTHING = {};

export class RequestContext {
  readonly features: Features;
  /** What the request asks for; set once, by dispatch.ts. */
  subject: Subject = NOTHING;
  /** What lets it run; replaced by authority.ts, and by nothing else. */
  authorization: Authorization = NOTHING;
  #handlerBegan = false;
  #controller: AbortController | undefined;
  #stopped: Stopped | undefined;
  #onStop: ((reason: Stopped) => void) | undefined;
  #deadline: { ms: number; forget: () => void; rests: number } | undefined;
  #ended = false;
  #listening = false;
  #lastProgress = Number.NEGATIVE_INFINITY;

  constructor(
    readonly id: Id,
    readonly revision: Revision,
    readonly caller: Caller,
    readonly transport: Transport,
  ) {
    this.features = features(revision);
  }

  /** Made when somebody first asks for it: most calls end before anyone does. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#stopped !== undefined) this.#controller.abort(this.#stopped);
    return this.#controller.signal;
  }

  /** Whether it lasts as long as its client listens, and ends at once when the server stops. */
  get listening(): boolean {
    return this.#listening;
  }

  get stopped(): Stopped | undefined {
    return this.#stopped;
  }

  /** Stops the work; the first reason stays, and an context that has ended is left alone. */
  stop(reason: Stopped): void {
    if (this.#ended || this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#controller?.abort(reason);
    this.#onStop?.(reason);
  }

  /** Whether a handler was begun. */
  get handlerBegan(): boolean {
    return this.#handlerBegan;
  }

  beginHandler(): void {
    this.#handlerBegan = true;
  }

  /** The answer is decided: nothing may follow it (2026-07-28/progress/011). */
  end(): void {
    this.#ended = true;
    this.#onStop = undefined;
  }

  /** Waits for `work`, but no longer than `ms` and not past a stop: a handler that ignores its signal is left behind. */
  bounded<T>(work: Promise<T>, ms: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#deadline = { ms, forget: this.#stopAfter(ms), rests: 0 };
      const settle = (): void => {
        this.#deadline?.forget();
        this.#deadline = undefined;
        this.#onStop = undefined;
      };
      const stopped = (reason: Stopped): void => {
        settle();
        reject(reason);
      };
      // Not assigned at once: see CallContext for what that would cost.
      this.#onStop = stopped;
      if (this.#stopped !== undefined) stopped(this.#stopped);
      const settled =
        <Value>(tell: (value: Value) => void) =>
        (value: Value): void => {
          settle();
          tell(value);
        };
      work.then(settled(resolve), settled(reject));
    });
  }

  /** Waits for somebody else, at most `ms`: the deadline of the work rests meanwhile and then begins anew. */
  async resting<T>(wait: Promise<T>, ms: number): Promise<T> {
    const deadline = this.#deadline;
    if (deadline === undefined) return wait;
    deadline.forget();
    deadline.forget = this.#stopAfter(ms);
    deadline.rests += 1;
    try {
      return await wait;
    } finally {
      deadline.rests -= 1;
      if (deadline.rests === 0) deadline.forget();
      if (deadline.rests === 0 && this.#deadline === deadline) deadline.forget = this.#stopAfter(deadline.ms);
    }
  }

  /** Resolves when the context is stopped, with the reason: for requests that last as long as their client listens. */
  untilStopped(): Promise<Stopped> {
    this.#listening = true;
    return new Promise((resolve) => {
      this.#onStop = resolve;
      if (this.#stopped !== undefined) resolve(this.#stopped);
    });
  }

  /** A message ahead of the answer; nothing once that is decided. */
  notify(method: string, params: JsonObject, mayBeOvertaken = false): void {
    if (this.#ended || this.#stopped !== undefined) return;
    this.transport.notify?.({ jsonrpc: '2.0', method, params }, mayBeOvertaken);
  }

  /**
   * Tells the caller how far the work is. Nothing is sent when it did not ask, or when `progress` does not grow
   * (2026-07-28/progress/004, /007). @throws InvalidResult when `message` is not a string
   */
  progress(progress: number, total?: number, message?: string): void {
    const { progressToken } = this.caller;
    if (progressToken === undefined || !Number.isFinite(progress) || progress <= this.#lastProgress) return;
    this.#lastProgress = progress;
    const params: JsonObject = { progressToken, progress };
    if (total !== undefined && Number.isFinite(total)) params.total = total;
    if (message !== undefined && this.features.annotations) params.message = plainWords(this, message);
    this.notify('notifications/progress', params, true);
  }

  /** A log message, if the caller asked for ones of this severity (2026-07-28/logging/004 to /006). @throws InvalidResult */
  log(level: LogLevel, data: unknown, logger?: string): void {
    const least = this.caller.logLevel;
    if (least === undefined || !reaches(level, least)) return;
    this.notify('notifications/message', logParams(this, level, data, logger));
  }

  #stopAfter(ms: number): () => void {
    return this.transport.after(ms, () => this.stop(new Stopped('deadline', `not finished within ${ms} ms`)));
  }
}
