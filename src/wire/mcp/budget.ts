/**
 * What may be in flight at once, in the whole process and for each principal: calls, and bytes of bodies and answers that are
 * still in memory. An answer counts until its client has taken it, so clients that read nothing use up their own share and
 * not the heap. Beyond the bounds a request is refused, and the refusal says when to come back.
 */
import type { After } from '../clock.js';
import { Fault } from '../fault.js';
import { type Principal, principalKey } from '../principal.js';

type BudgetBounds = {
  inFlightCalls: number;
  inFlightCallsPerPrincipal: number;
  inFlightBytes: number;
  inFlightBytesPerPrincipal: number;
};

/** Fewer bytes than this are not counted one by one: the bound on calls bounds them. */
export const COUNTED_BYTES = 16 * 1024;

/** Principals that are remembered; those with nothing in flight are forgotten first. */
const MAX_PRINCIPALS = 10_000;

/** What the whole process has in flight. */
export class Budget {
  calls = 0;
  bytes = 0;
  readonly #byKey = new Map<string, Usage>();

  constructor(readonly bounds: BudgetBounds) {}

  usageOf(principal: Principal): Usage {
    const key = principalKey(principal);
    let usage = this.#byKey.get(key);
    if (usage !== undefined) return usage;
    if (this.#byKey.size >= MAX_PRINCIPALS)
      for (const [idle, { calls, bytes }] of this.#byKey)
        if (calls === 0 && bytes === 0) this.#byKey.delete(idle);
    usage = new Usage(this);
    this.#byKey.set(key, usage);
    return usage;
  }
}

/** What one principal has in flight. */
export class Usage {
  calls = 0;
  bytes = 0;

  constructor(readonly total: Budget) {}

  /** One more call, until `endCall`; the refusal (503) when there is no room. */
  beginCall(): Fault | undefined {
    const { inFlightCalls, inFlightCallsPerPrincipal } = this.total.bounds;
    if (this.total.calls >= inFlightCalls)
      return busy(`${inFlightCalls} calls are being answered; try again`, 1);
    if (this.calls >= inFlightCallsPerPrincipal)
      return busy(`${this.calls} calls of yours are being answered; try again`, 1);
    this.total.calls += 1;
    this.calls += 1;
    return undefined;
  }

  endCall(): void {
    this.total.calls -= 1;
    this.calls -= 1;
  }

  /** False where that many bytes more are too many; what is taken is given back once. */
  take(more: number): boolean {
    const { inFlightBytes, inFlightBytesPerPrincipal } = this.total.bounds;
    // What is larger than a whole share still fits where nothing else is: otherwise nobody could ever get it.
    const fits =
      (this.total.bytes === 0 || this.total.bytes + more <= inFlightBytes) &&
      (this.bytes === 0 || this.bytes + more <= inFlightBytesPerPrincipal);
    if (fits) this.give(-more);
    return fits;
  }

  give(bytes: number): void {
    this.total.bytes -= bytes;
    this.bytes -= bytes;
  }
}

/** Where the bytes of an answer are counted until they are read. A negative number gives some back; false where there is no room. */
export type AnswerRoom = { hold(bytes: number): boolean };

/** Calls of a tool that run at once before anybody knows how large its answers are, and how long others wait to know it. */
const FIRST_CALLS = 2;
const FIRST_MS = 1_000;

/** How large the answers of each tool were lately. */
export class AnswerSizes {
  /** Tools that have answered; 0 for small answers. */
  readonly #byTool = new Map<string, number>();
  readonly #first = new Map<string, { running: number; waiting: Set<() => void> }>();

  /** Undefined for a tool that has not answered yet. */
  sizeOf(tool: string): number | undefined {
    return this.#byTool.get(tool);
  }

  /** The largest one counts, and less with each that is smaller. */
  note(tool: string, bytes: number): void {
    const before = this.#byTool.get(tool);
    if (before === 0 && bytes < COUNTED_BYTES) return;
    const expected = Math.max(bytes, Math.floor((before ?? 0) * 0.8));
    this.#byTool.set(tool, expected < COUNTED_BYTES ? 0 : expected);
    const first = this.#first.get(tool);
    this.#first.delete(tool);
    for (const wake of first?.waiting ?? []) wake();
  }

  /**
   * A few calls of a tool that has not answered yet run at once, so that the first result is counted before many large ones come; the
   * others wait here. Returns what ends the call; undefined where the size is known.
   */
  enter(tool: string, after: After): Promise<() => void> | undefined {
    return this.#byTool.has(tool) ? undefined : this.#waitForFirst(tool, after);
  }

  async #waitForFirst(tool: string, after: After): Promise<() => void> {
    const first = this.#first.get(tool) ?? { running: 0, waiting: new Set() };
    this.#first.set(tool, first);
    if (first.running >= FIRST_CALLS)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          forget();
          first.waiting.delete(wake);
          resolve();
        };
        const forget = after(FIRST_MS, wake);
        first.waiting.add(wake);
      });
    first.running += 1;
    return () => {
      first.running -= 1;
    };
  }
}

/** The refusal where there is no room for more bytes. */
export function noRoom(): Fault {
  return busy('the memory is full of answers that clients have not read; read yours, or try again', 1);
}

/** The refusal while all places are taken. */
export function busy(detail: string, retryAfterS?: number): Fault {
  return new Fault('busy', detail, retryAfterS === undefined ? {} : { retryAfterS });
}

export type Share = {
  /** What is shared, in the plural, and the setting of the share. */
  what: string;
  setting: string;
  limit: number;
  /** Places of one principal; a tenth of the limit and ten at least, unless a setting says otherwise. */
  most: number;
};

export function shareOf(what: string, setting: string, limit: number, given: number | undefined): Share {
  return { what, setting, limit, most: Math.min(limit, given ?? Math.max(10, Math.ceil(limit / 10))) };
}

/** The refusal of a caller whose share is taken. Others are still served, so it is no 503. */
export function shareTaken({ what, setting, limit, most }: Share): Fault {
  const detail = `you have ${most} of ${limit} ${what}, which is the share of one caller (--${setting}); end one, or try again later`;
  return new Fault('quotaSpent', detail);
}
