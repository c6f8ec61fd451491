/**
 * Refusals of callers that showed no valid token. Anybody can send as many as the network carries, so only some leave a
 * record of their own: so many a minute for each reason. All are counted, and a minute in which some left none ends with
 * one summary record. A flood of one kind hides no sample of another.
 */

import type { After } from '../../wire/clock.js';
import type { RefusalCount, RefusalSummary } from './summary.js';

export type AnonymousRefusalsOptions = {
  /** Records of their own, for each reason and minute. */
  perMinute: number;
  clock: () => Date;
  after: After;
  /** Rejects when the summary is not in the log: its counts then go into the next. */
  write: (summary: RefusalSummary) => Promise<void>;
};

type Counts = { from: number; reasons: Map<string, RefusalCount> };

const MINUTE_MS = 60_000;

export class AnonymousRefusals {
  readonly #options: AnonymousRefusalsOptions;
  #minute: Counts = { from: 0, reasons: new Map() };
  /** What could not be written so far. */
  #unwritten: Counts | undefined;
  #stopTimer: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: AnonymousRefusalsOptions) {
    this.#options = options;
  }

  /** Counts one refusal. True when it gets a record of its own. `reason` is one of a short list. */
  count(reason: string): boolean {
    const now = this.#options.clock().getTime();
    const { from } = this.#minute;
    if (now - from >= MINUTE_MS || now < from) this.#endMinute();
    const { reasons } = this.#minute;
    const counted = reasons.get(reason) ?? { count: 0, recorded: 0 };
    reasons.set(reason, counted);
    counted.count += 1;
    if (counted.recorded < this.#options.perMinute) {
      counted.recorded += 1;
      return true;
    }
    this.#startTimer();
    return false;
  }

  /** Writes what has been counted. */
  async close(): Promise<void> {
    this.#endMinute();
    await this.#writing;
    this.#stopTimer?.();
  }

  #startTimer(): void {
    this.#stopTimer ??= this.#options.after(MINUTE_MS, () => this.#endMinute());
  }

  #endMinute(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const now = this.#options.clock().getTime();
    const counts = merged(this.#unwritten, this.#minute);
    this.#unwritten = undefined;
    this.#minute = { from: now, reasons: new Map() };
    if ([...counts.reasons.values()].every(({ count, recorded }) => count === recorded)) return;
    const { from, reasons } = counts;
    this.#writing = this.#options
      .write({
        from: new Date(from).toISOString(),
        to: new Date(now).toISOString(),
        reasons: Object.fromEntries(reasons),
      })
      .catch(() => {
        this.#unwritten = merged(this.#unwritten, counts);
        this.#startTimer();
      });
  }
}

function merged(earlier: Counts | undefined, later: Counts): Counts {
  if (earlier === undefined) return later;
  const reasons = new Map(earlier.reasons);
  for (const [reason, { count, recorded }] of later.reasons) {
    const before = reasons.get(reason) ?? { count: 0, recorded: 0 };
    reasons.set(reason, { count: before.count + count, recorded: before.recorded + recorded });
  }
  return { from: Math.min(earlier.from, later.from), reasons };
}
