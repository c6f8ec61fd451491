/**
 * One request while it is being answered: its revision, its caller, its deadline, and its ways to notify and ask the client. The
 * transport creates one per request. It lends the timers as well, so nothing here knows a clock.
 */
import type { Fault } from '../fault.js';
import type { Id } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { type Features, REVISIONS, type Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import { COUNTED_BYTES } from './budget.js';
import type { Authorization, Subject } from './decision.js';
import { LOG_LEVELS, type LogLevel } from './definitions.js';
import { logParams, plainText } from './masking.js';
import type { Transport } from './transport.js';

/** What a request says about its sender. */
export type Caller = {
  /** Nobody else can see this principal's state, tasks and sessions. */
  principal: Principal;
  /** The client's name and version, as it calls itself. */
  client?: string | undefined;
  /** Set if the caller wants progress notifications. */
  progressToken?: Id | undefined;
  /** What the client declared in this request or in its handshake; undefined if nobody remembers the handshake. */
  capabilities?: JsonObject | undefined;
  /** The lowest severity of log messages that the caller wants; undefined for no messages. */
  logLevel?: LogLevel | undefined;
};

/** Why a request was stopped before its answer. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  constructor(
    readonly why: 'cancelled' | 'deadline' | 'stopping' | 'expired' | 'refused',
    message: string,
    /** If `refused`: the answer to the caller. */
    readonly fault?: Fault,
  ) {
    super(message);
  }
}

/** Shared to save memory, because the log of a session keeps the contexts of its calls for a while. */
const EMPTY = {};

export class RequestContext {
  readonly features: Features;
  /** What the request asks for; set once, by its method. */
  subject: Subject = EMPTY;
  /** What lets it run; only authority.ts replaces it. */
  authorization: Authorization = EMPTY;
  /** Set by whatever runs the handler. */
  handlerBegan = false;
  /** Its id in the audit log; set by the audit port with the first record. */
  callId: string | undefined;
  /** The distributed trace that it belongs to, if spans follow it. */
  traceId: string | undefined;
  /** Whether it lasts as long as its client listens, and ends at once when the server stops. */
  isListening = false;
  /** Why it was stopped; set only by `stop`. */
  stopped: Stopped | undefined;
  #controller: AbortController | undefined;
  #onStop: ((reason: Stopped) => void) | undefined;
  #deadline: { ms: number; clearTimer: () => void; pauses: number } | undefined;
  #ended = false;
  #lastProgress = Number.NEGATIVE_INFINITY;
  /** The bytes of the answer that its room counts. */
  #heldBytes = 0;

  constructor(
    readonly id: Id,
    readonly revision: Revision,
    readonly caller: Caller,
    readonly transport: Transport,
  ) {
    this.features = REVISIONS[revision];
  }

  /** Created on first use, because most calls never need it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.stopped !== undefined) this.#controller.abort(this.stopped);
    return this.#controller.signal;
  }

  /** Stops the work. Only the first reason counts, and a request that has ended stays as it is. */
  stop(reason: Stopped): void {
    if (this.#ended || this.stopped !== undefined) return;
    this.stopped = reason;
    this.#controller?.abort(reason);
    this.#onStop?.(reason);
  }

  /** Called once the answer is known: no notification may follow it (2026-07-28/progress/011). */
  end(): void {
    this.#ended = true;
    this.#onStop = undefined;
  }

  /** Counts the bytes of the answer until it is read. False if there is no room for them; then none are counted. */
  holdAnswer(bytes: number): boolean {
    const { room } = this.transport;
    const size = bytes < COUNTED_BYTES ? 0 : bytes;
    if (room === undefined || size === this.#heldBytes) return true;
    const fits = room.hold(size - this.#heldBytes);
    if (!fits && this.#heldBytes > 0) room.hold(-this.#heldBytes);
    this.#heldBytes = fits ? size : 0;
    return fits;
  }

  /** Waits for `work`, for `ms` at most and not past a stop; a handler that ignores its signal is left behind. */
  async withDeadline<T>(work: PromiseLike<T>, ms: number): Promise<T> {
    const deadline = { ms, clearTimer: this.#stopAfter(ms), pauses: 0 };
    this.#deadline = deadline;
    const stop = new Promise<never>((_, reject) => {
      this.#onStop = reject;
      if (this.stopped !== undefined) reject(this.stopped);
    });
    try {
      return await Promise.race([work, stop]);
    } finally {
      deadline.clearTimer();
      this.#deadline = undefined;
      this.#onStop = undefined;
    }
  }

  /** Waits for `wait`, for `ms` at most. The deadline of the work is paused meanwhile and then starts over. */
  async pauseDeadline<T>(wait: Promise<T>, ms: number): Promise<T> {
    const deadline = this.#deadline;
    if (deadline === undefined) return wait;
    deadline.clearTimer();
    deadline.clearTimer = this.#stopAfter(ms);
    deadline.pauses += 1;
    try {
      return await wait;
    } finally {
      deadline.pauses -= 1;
      if (deadline.pauses === 0) deadline.clearTimer();
      if (deadline.pauses === 0 && this.#deadline === deadline)
        deadline.clearTimer = this.#stopAfter(deadline.ms);
    }
  }

  /** Resolves with the reason when the request is stopped; for a request that lasts as long as its client listens. */
  untilStopped(): Promise<Stopped> {
    this.isListening = true;
    return new Promise((resolve) => {
      this.#onStop = resolve;
      if (this.stopped !== undefined) resolve(this.stopped);
    });
  }

  /** Sends a message ahead of the answer; does nothing once the answer is known. */
  notify(method: string, params: JsonObject, mayBeOvertaken = false): void {
    if (this.#ended || this.stopped !== undefined) return;
    this.transport.notify?.({ jsonrpc: '2.0', method, params }, mayBeOvertaken);
  }

  /** Sends progress if the caller asked for it and it grows (2026-07-28/progress/004, /007). @throws InvalidResult */
  progress(progress: number, total?: number, message?: string): void {
    const { progressToken } = this.caller;
    if (progressToken === undefined || !Number.isFinite(progress) || progress <= this.#lastProgress) return;
    this.#lastProgress = progress;
    const params: JsonObject = { progressToken, progress };
    if (total !== undefined && Number.isFinite(total)) params.total = total;
    if (message !== undefined && this.features.annotations) params.message = plainText(this, message);
    this.notify('notifications/progress', params, true);
  }

  /** Sends a log message, if the caller asked for this severity (2026-07-28/logging/004 to /006). @throws InvalidResult */
  log(level: LogLevel, data: unknown, logger?: string): void {
    const { logLevel } = this.caller;
    if (logLevel === undefined || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(logLevel)) return;
    this.notify('notifications/message', logParams(this, level, data, logger));
  }

  #stopAfter(ms: number): () => void {
    return this.transport.after(ms, () => this.stop(new Stopped('deadline', `not finished within ${ms} ms`)));
  }
}
