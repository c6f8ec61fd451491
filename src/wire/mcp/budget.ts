/**
 * What may be in flight at once, in the whole process and per principal: calls, and the bytes of bodies and answers in memory. An answer
 * counts until its client has read it, so a client that reads nothing uses up its own share and not the heap. Beyond the bounds a
 * request is refused, and the refusal says when to come back.
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

/** Smaller bodies and answers are not counted, because the bound on calls limits them. */
export const COUNTED_BYTES = 16 * 1024;

/** Beyond this, principals with nothing in flight are forgotten. */
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

  /** Counts one more call until `endCall`. Returns the refusal (503) if there is no room. */
  beginCall(): Fault | undefined {
    const { inFlightCalls, inFlightCallsPerPrincipal } = this.total.bounds;
    if (this.total.calls >= inFlightCalls)
      return busy(`${inFlightCalls} calls are being answered; try again`, 1);
    if (this.calls >= inFlightCallsPerPrincipal)
      return busy(`${this.calls} of your calls are being answered; try again`, 1);
    this.total.calls += 1;
    this.calls += 1;
    return undefined;
  }

  endCall(): void {
    this.total.calls -= 1;
    this.calls -= 1;
  }

  /** Counts more bytes until `give`. False if there is no room for them. */
  take(bytes: number): boolean {
    const { inFlightBytes, inFlightBytesPerPrincipal } = this.total.bounds;
    // An answer larger than the whole share fits if nothing else is in flight; otherwise nobody could ever get it.
    const fits =
      (this.total.bytes === 0 || this.total.bytes + bytes <= inFlightBytes) &&
      (this.bytes === 0 || this.bytes + bytes <= inFlightBytesPerPrincipal);
    if (fits) this.give(-bytes);
    return fits;
  }

  give(bytes: number): void {
    this.total.bytes -= bytes;
    this.bytes -= bytes;
  }
}

/** Counts the bytes of an answer until they are read. A negative number gives some back. False if there is no room. */
export type AnswerRoom = { hold(bytes: number): boolean };

/** How many calls of a tool run at once while nobody knows the size of its answers, and how long others wait for that. */
const FIRST_CALLS = 2;
const FIRST_MS = 1_000;

/** The recent size of each tool's answers. */
export class AnswerSizes {
  /** For each tool that has answered; 0 for small answers. */
  readonly #sizes = new Map<string, number>();
  readonly #firstCalls = new Map<string, { running: number; waiting: Set<() => void> }>();

  /** Undefined for a tool that has not answered yet. */
  sizeOf(tool: string): number | undefined {
    return this.#sizes.get(tool);
  }

  /** Expects the largest size so far, and a little less after each smaller answer. */
  note(tool: string, bytes: number): void {
    const previous = this.#sizes.get(tool);
    if (previous === 0 && bytes < COUNTED_BYTES) return;
    const expected = Math.max(bytes, Math.floor((previous ?? 0) * 0.8));
    this.#sizes.set(tool, expected < COUNTED_BYTES ? 0 : expected);
    const firstCalls = this.#firstCalls.get(tool);
    this.#firstCalls.delete(tool);
    for (const wake of firstCalls?.waiting ?? []) wake();
  }

  /**
   * While a tool has not answered yet, only a few of its calls run, so that one result is measured before many large ones come; the
   * others wait here. Resolves with a function that ends the call; undefined if the size is known.
   */
  enter(tool: string, after: After): Promise<() => void> | undefined {
    return this.#sizes.has(tool) ? undefined : this.#waitForFirst(tool, after);
  }

  async #waitForFirst(tool: string, after: After): Promise<() => void> {
    const firstCalls = this.#firstCalls.get(tool) ?? { running: 0, waiting: new Set() };
    this.#firstCalls.set(tool, firstCalls);
    if (firstCalls.running >= FIRST_CALLS)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimer();
          firstCalls.waiting.delete(wake);
          resolve();
        };
        const clearTimer = after(FIRST_MS, wake);
        firstCalls.waiting.add(wake);
      });
    firstCalls.running += 1;
    return () => {
      firstCalls.running -= 1;
    };
  }
}

/** The refusal while there is no room for more bytes. */
export function noRoom(): Fault {
  return busy('the memory is full of answers that clients have not read; read yours, or try again', 1);
}

/** The refusal while all places are taken. */
export function busy(detail: string, retryAfterS?: number): Fault {
  return new Fault('busy', detail, retryAfterS === undefined ? {} : { retryAfterS });
}

export type Share = {
  /** What is shared, in the plural, and the name of the setting. */
  what: string;
  setting: string;
  limit: number;
  /** How many one principal may have; by default a tenth of the limit, and at least ten. */
  max: number;
};

export function shareOf(what: string, setting: string, limit: number, max: number | undefined): Share {
  return { what, setting, limit, max: Math.min(limit, max ?? Math.max(10, Math.ceil(limit / 10))) };
}

/** The refusal of a caller whose share is used up. Not a 503, because others are still served. */
export function shareTaken({ what, setting, limit, max }: Share): Fault {
  const detail = `you have ${max} of ${limit} ${what}, which is the share of one caller (--${setting}); end one, or try again later`;
  return new Fault('quotaSpent', detail);
}
