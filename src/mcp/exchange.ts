/**
 * One request while it is being answered: what it speaks, who may stop it, and its way to tell of progress. The
 * transports make one for each request and end it; timers are handed in, so nothing here knows a clock.
 */

import { Fault } from '../fault.js';
import type { Id } from '../jsonrpc/message.js';
import { type Features, features, type Revision } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { Headers } from './mirror.js';

export type NotificationMessage = { jsonrpc: '2.0'; method: string; params: JsonObject };

/** Calls `run` after `ms` milliseconds unless the returned function is called first. */
export type After = (ms: number, run: () => void) => () => void;

/** What the transport lends to an exchange. */
export type Carrier = {
  after: After;
  /** Sends a message ahead of the answer, on the request's own stream; absent where the caller accepts none. */
  notify?: (message: NotificationMessage) => void;
  /** The request's headers; absent on stdio, where nothing is mirrored. */
  headers?: Headers;
};

/** What a request says of its sender. */
export type Caller = {
  /** Given by a caller that wants to be told of progress. */
  progressToken?: Id | undefined;
  /** What the client declared on this very request; undefined where the era declares it elsewhere. */
  capabilities?: JsonObject | undefined;
};

/** Why an exchange was stopped before its answer. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  constructor(
    readonly why: 'cancelled' | 'deadline' | 'stopping',
    message: string,
  ) {
    super(message);
  }
}

export class Exchange {
  readonly features: Features;
  #controller: AbortController | undefined;
  #stopped: Stopped | undefined;
  #onStop: ((reason: Stopped) => void) | undefined;
  #ended = false;
  #lastProgress = Number.NEGATIVE_INFINITY;

  constructor(
    readonly revision: Revision,
    readonly caller: Caller,
    readonly carrier: Carrier,
  ) {
    this.features = features(revision);
  }

  /** Made when somebody first asks for it: most calls end before anyone does. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#stopped !== undefined) this.#controller.abort(this.#stopped);
    return this.#controller.signal;
  }

  get stopped(): Stopped | undefined {
    return this.#stopped;
  }

  /** Stops the work; the first reason stays, and an exchange that has ended is left alone. */
  stop(reason: Stopped): void {
    if (this.#ended || this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#controller?.abort(reason);
    this.#onStop?.(reason);
  }

  /** The answer is decided: nothing may follow it (2026-07-28/progress/011). */
  end(): void {
    this.#ended = true;
    this.#onStop = undefined;
  }

  /** Waits for `work`, but no longer than `ms` and not past a stop: a handler that ignores its signal is left behind. */
  bounded<T>(work: Promise<T>, ms: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const forget = this.carrier.after(ms, () =>
        this.stop(new Stopped('deadline', `not finished within ${ms} ms`)),
      );
      const settle = (): void => {
        forget();
        this.#onStop = undefined;
      };
      this.#onStop = (reason) => {
        settle();
        reject(reason);
      };
      if (this.#stopped !== undefined) this.#onStop(this.#stopped);
      work.then(resolve, reject).finally(settle);
    });
  }

  /**
   * Tells the caller how far the work is. Nothing is sent when it did not ask, after the answer, or when `progress`
   * does not grow (2026-07-28/progress/004, /007, /011).
   */
  progress(progress: number, total?: number, message?: string): void {
    const { notify } = this.carrier;
    const { progressToken } = this.caller;
    if (notify === undefined || progressToken === undefined) return;
    if (this.#ended || this.#stopped !== undefined) return;
    if (!Number.isFinite(progress) || progress <= this.#lastProgress) return;
    this.#lastProgress = progress;
    const params: JsonObject = { progressToken, progress };
    if (total !== undefined && Number.isFinite(total)) params.total = total;
    if (message !== undefined && this.features.annotations) params.message = message;
    notify({ jsonrpc: '2.0', method: 'notifications/progress', params });
  }
}

/** The refusal that a stopped exchange is answered with, where it has to be answered at all. */
export function stoppedFault({ why, message }: Stopped): Fault {
  if (why === 'stopping') return new Fault('stopping', message);
  return new Fault(why === 'cancelled' ? 'cancelled' : 'internalError', message);
}
