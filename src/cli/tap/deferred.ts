/**
 * Puts off watching until the bytes are on their way: what is recorded, checked and printed about a message costs the message
 * nothing. An error there ends up in a line for the person at the tap, and never in the traffic.
 */
import type { Observer } from '../../lesson/trace/observe.js';

export type Clock = () => bigint;

type Work = { at: bigint; run: () => void };

/** After so long, the traffic has its turn. */
const SLICE_MS = 0.2;
/** With more than that, watching comes first: what waits is in memory. Ctrl-C still has its turn. */
const MAX_WAITING = 500;
const CATCH_UP_MS = 250;
/** What is more is not watched. */
const MAX_KEPT = 20_000;
/** A server that floods must not keep the tap from ending. */
const FLUSH_MS = 2_000;

export class Deferred {
  readonly #waiting: Work[] = [];
  #scheduled = false;
  #now: bigint | undefined;

  constructor(
    readonly clock: Clock,
    readonly onError: (error: unknown) => void,
  ) {}

  /** The time at which that happened which is looked at now. */
  readonly ticks: Clock = () => this.#now ?? this.clock();

  run(work: () => void): void {
    this.#waiting.push({ at: this.ticks(), run: work });
    if (!this.#scheduled) this.#schedule();
  }

  /** Does now what was put off, and gives up what takes longer. @returns how many pieces that was */
  flush(ms = FLUSH_MS): number {
    this.#work(ms);
    return this.#waiting.splice(0).length;
  }

  #schedule(): void {
    this.#scheduled = true;
    // What has arrived in the meantime is passed on first.
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > MAX_KEPT) {
        this.#waiting.length = 0;
        this.onError(new Error('it comes too fast'));
      }
      this.#work(this.#waiting.length > MAX_WAITING ? CATCH_UP_MS : SLICE_MS);
      if (this.#waiting.length > 0 && !this.#scheduled) this.#schedule();
    });
  }

  #work(ms: number): void {
    const end = performance.now() + ms;
    let done = 0;
    for (; done < this.#waiting.length && (done === 0 || performance.now() < end); done += 1) {
      const { at, run } = this.#waiting[done] as Work;
      this.#now = at;
      try {
        run();
      } catch (error) {
        this.onError(error);
      }
    }
    this.#now = undefined;
    this.#waiting.splice(0, done);
  }

  /** An observer that is opened, and sees everything, later. */
  observer(open: () => Observer | undefined): Observer {
    let observer: Observer | undefined;
    this.run(() => {
      observer = open();
    });
    const later =
      <Given extends unknown[]>(tell: (target: Observer, ...args: Given) => void) =>
      (...args: Given): void =>
        this.run(() => observer && tell(observer, ...args));
    return {
      received: later((target, bytes) => target.received(bytes)),
      receivedAll: later((target) => target.receivedAll()),
      authenticated: later((target, principal) => target.authenticated(principal)),
      decided: later((target, decision) => target.decided(decision)),
      handled: later((target, outcome) => target.handled(outcome)),
      refused: later((target, outcome) => target.refused(outcome)),
      recorded: later((target) => target.recorded()),
      headed: later((target, head) => target.headed(head)),
      sent: later((target, chunk) => target.sent(chunk)),
      ended: later((target, whole) => target.ended(whole)),
    };
  }
}
