/**
 * One request while it is answered: what it speaks, who may stop it, and its ways to notify and ask the client. Each transport makes
 * one for each request and ends it. It lends the timers as well, so nothing here knows a clock.
 */
import type { Fault } from '../fault.js';
import type { Id } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { type Features, REVISIONS, type Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import { COUNTED_BYTES } from './budget.js';
import type { Authorization, Subject } from './decision.js';
import { LOG_LEVELS, type LogLevel } from './definitions.js';
import { logParams, plainWords } from './masking.js';
import type { Transport } from './transport.js';

/** What a request says of its sender. */
export type Caller = {
  /** Who the request speaks for. Nobody else can see this principal's state, tasks and sessions. */
  principal: Principal;
  /** The client's name and version, as it calls itself. */
  client?: string | undefined;
  /** Given by a caller that wants progress notifications. */
  progressToken?: Id | undefined;
  /** What the client declared, on this request or in its handshake; undefined where nobody remembers. */
  capabilities?: JsonObject | undefined;
  /** The least severity of log messages that the caller wants; undefined for none. */
  logLevel?: LogLevel | undefined;
};

/** Why a request was stopped before its answer. */
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
  /** What the request asks for; set once, by its method. */
  subject: Subject = NOTHING;
  /** What lets it run; replaced by authority.ts, and by nothing else. */
  authorization: Authorization = NOTHING;
  /** Whether a handler began; set by whatever runs it. */
  handlerBegan = false;
  /** Under which id the audit log has it; set by the audit port with the first record. */
  callId: string | undefined;
  /** The distributed trace that it belongs to, where spans follow it. */
  traceId: string | undefined;
  /** Whether it lasts as long as its client listens, and ends at once when the server stops. */
  listening = false;
  /** Why it was stopped; set by `stop`, and by nothing else. */
  stopped: Stopped | undefined;
  #controller: AbortController | undefined;
  #onStop: ((reason: Stopped) => void) | undefined;
  #deadline: { ms: number; forget: () => void; rests: number } | undefined;
  #ended = false;
  #lastProgress = Number.NEGATIVE_INFINITY;
  /** Bytes of the answer that are counted. */
  #held = 0;

  constructor(
    readonly id: Id,
    readonly revision: Revision,
    readonly caller: Caller,
    readonly transport: Transport,
  ) {
    this.features = REVISIONS[revision];
  }

  /** Made when it is first needed: most calls end before that. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.stopped !== undefined) this.#controller.abort(this.stopped);
    return this.#controller.signal;
  }

  /** Stops the work. The first reason stays, and a request that has ended is left alone. */
  stop(reason: Stopped): void {
    if (this.#ended || this.stopped !== undefined) return;
    this.stopped = reason;
    this.#controller?.abort(reason);
    this.#onStop?.(reason);
  }

  /** The answer is known: nothing may follow it (2026-07-28/progress/011). */
  end(): void {
    this.#ended = true;
    this.#onStop = undefined;
  }

  /** The answer has that many bytes, until it is read. False where there is no room for it; then nothing is counted. */
  holdAnswer(bytes: number): boolean {
    const { room } = this.transport;
    const size = bytes < COUNTED_BYTES ? 0 : bytes;
    if (room === undefined || size === this.#held) return true;
    const fits = room.hold(size - this.#held);
    if (!fits && this.#held > 0) room.hold(-this.#held);
    this.#held = fits ? size : 0;
    return fits;
  }

  /** Waits for `work`, but no longer than `ms` and not past a stop: a handler that ignores its signal is left behind. */
  async bounded<T>(work: PromiseLike<T>, ms: number): Promise<T> {
    const deadline = { ms, forget: this.#stopAfter(ms), rests: 0 };
    this.#deadline = deadline;
    const stop = new Promise<never>((_, reject) => {
      this.#onStop = reject;
      if (this.stopped !== undefined) reject(this.stopped);
    });
    try {
      return await Promise.race([work, stop]);
    } finally {
      deadline.forget();
      this.#deadline = undefined;
      this.#onStop = undefined;
    }
  }

  /** Waits for somebody else, at most `ms`: the deadline of the work rests meanwhile and then begins again. */
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

  /** Resolves with the reason when the request is stopped: for requests that last as long as their client listens. */
  untilStopped(): Promise<Stopped> {
    this.listening = true;
    return new Promise((resolve) => {
      this.#onStop = resolve;
      if (this.stopped !== undefined) resolve(this.stopped);
    });
  }

  /** Sends a message ahead of the answer; nothing once that is known. */
  notify(method: string, params: JsonObject, mayBeOvertaken = false): void {
    if (this.#ended || this.stopped !== undefined) return;
    this.transport.notify?.({ jsonrpc: '2.0', method, params }, mayBeOvertaken);
  }

  /** Sends progress that was asked for and grows (2026-07-28/progress/004, /007). @throws InvalidResult when `message` is not a string */
  progress(progress: number, total?: number, message?: string): void {
    const { progressToken } = this.caller;
    if (progressToken === undefined || !Number.isFinite(progress) || progress <= this.#lastProgress) return;
    this.#lastProgress = progress;
    const params: JsonObject = { progressToken, progress };
    if (total !== undefined && Number.isFinite(total)) params.total = total;
    if (message !== undefined && this.features.annotations) params.message = plainWords(this, message);
    this.notify('notifications/progress', params, true);
  }

  /** Sends a log message, if the caller asked for this severity (2026-07-28/logging/004 to /006). @throws InvalidResult */
  log(level: LogLevel, data: unknown, logger?: string): void {
    const least = this.caller.logLevel;
    if (least === undefined || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    this.notify('notifications/message', logParams(this, level, data, logger));
  }

  #stopAfter(ms: number): () => void {
    return this.transport.after(ms, () => this.stop(new Stopped('deadline', `not finished within ${ms} ms`)));
  }
}
