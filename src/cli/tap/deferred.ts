/**
 * Puts off watching until the bytes are on their way: what is recorded, checked and printed about a message costs the message
 * nothing. An error there ends up in a line for the person at the tap, and never in the traffic.
 */
import type { Observer } from '../../lesson/trace/observe.js';

export type Clock = () => bigint;

export class Deferred {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #waiting: { at: bigint; run: () => void }[] = [];
  #now: bigint | undefined;

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** The time at which that happened which is looked at now. */
  readonly ticks: Clock = () => this.#now ?? this.#clock();

  run(work: () => void): void {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    this.#waiting.push({ at: this.#clock(), run: work });
  }

  /** Does now what was put off. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { at, run } of waiting) {
      this.#now = at;
      try {
        run();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#now = undefined;
  }

  /** An observer that is opened, and sees everything, later. */
  observer(open: () => Observer | undefined): Observer {
    let observer: Observer | undefined;
    this.run(() => {
      observer = open();
    });
    const later =
      <Given extends unknown[]>(tell: (seen: Observer, ...given: Given) => void) =>
      (...given: Given): void =>
        this.run(() => observer && tell(observer, ...given));
    return {
      received: later((seen, bytes) => seen.received(bytes)),
      receivedAll: later((seen) => seen.receivedAll()),
      authenticated: later((seen, principal) => seen.authenticated(principal)),
      decided: later((seen, decision) => seen.decided(decision)),
      handled: later((seen, outcome) => seen.handled(outcome)),
      refused: later((seen, outcome) => seen.refused(outcome)),
      recorded: later((seen) => seen.recorded()),
      headed: later((seen, head) => seen.headed(head)),
      sent: later((seen, chunk) => seen.sent(chunk)),
      ended: later((seen, whole) => seen.ended(whole)),
    };
  }
}
