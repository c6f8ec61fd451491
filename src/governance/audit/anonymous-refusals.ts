/**
 * Refusals of callers without a valid token. Anybody can send as many as the network carries, so only some get a record of their
 * own, a fixed number per minute for each reason. All are counted, and a minute in which some got no record ends with one summary
 * record. Many refusals for one reason do not hide those for another.
 */
import type { After } from '../../wire/clock.js';
import type { RefusalCount, RefusalSummary } from './record.js';

type Options = {
  /** Single records for each reason and minute. */
  perMinute: number;
  clock: () => Date;
  after: After;
  /** When it rejects, the counts go into the next summary. */
  write: (summary: RefusalSummary) => Promise<void>;
};

type Counts = { from: number; reasons: Map<string, RefusalCount> };

const MINUTE_MS = 60_000;

export class AnonymousRefusals {
  #minute: Counts = { from: 0, reasons: new Map() };
  /** Counts of a summary that could not be written. */
  #unwritten: Counts | undefined;
  #stopTimer: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: Options) {}

  /** Counts one refusal. True when it gets a record of its own. `reason` is a word of a short list. */
  count(reason: string): boolean {
    const now = this.options.clock().getTime();
    const { from } = this.#minute;
    if (now - from >= MINUTE_MS || now < from) this.#endMinute();
    const { reasons } = this.#minute;
    const counts = reasons.get(reason) ?? { count: 0, recorded: 0 };
    reasons.set(reason, counts);
    counts.count += 1;
    if (counts.recorded < this.options.perMinute) {
      counts.recorded += 1;
      return true;
    }
    this.#startTimer();
    return false;
  }

  /** Writes the present counts. */
  async close(): Promise<void> {
    this.#endMinute();
    await this.#writing;
    this.#stopTimer?.();
  }

  #startTimer(): void {
    this.#stopTimer ??= this.options.after(MINUTE_MS, () => this.#endMinute());
  }

  #endMinute(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const now = this.options.clock().getTime();
    const counts = mergeCounts(this.#unwritten, this.#minute);
    this.#unwritten = undefined;
    this.#minute = { from: now, reasons: new Map() };
    if ([...counts.reasons.values()].every(({ count, recorded }) => count === recorded)) return;
    const { from, reasons } = counts;
    this.#writing = this.options
      .write({
        from: new Date(from).toISOString(),
        to: new Date(now).toISOString(),
        reasons: Object.fromEntries(reasons),
      })
      .catch(() => {
        this.#unwritten = mergeCounts(this.#unwritten, counts);
        this.#startTimer();
      });
  }
}

function mergeCounts(earlier: Counts | undefined, later: Counts): Counts {
  if (earlier === undefined) return later;
  const reasons = new Map(earlier.reasons);
  for (const [reason, { count, recorded }] of later.reasons) {
    const before = reasons.get(reason) ?? { count: 0, recorded: 0 };
    reasons.set(reason, { count: before.count + count, recorded: before.recorded + recorded });
  }
  return { from: Math.min(earlier.from, later.from), reasons };
}
