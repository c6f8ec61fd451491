/**
 * What may be in flight at once, in the whole process and for each principal: calls, and bytes of bodies and answers that are
 * still in memory. An answer counts until its client has taken it, so clients that read nothing use up their own share and
 * not the heap. Beyond the bounds a request is refused and told when to come back.
 */
import { Fault } from '../fault.js';
import { type Principal, principalKey } from '../principal.js';

export type BudgetBounds = {
  inFlightCalls: number;
  inFlightCallsPerPrincipal: number;
  inFlightBytes: number;
  inFlightBytesPerPrincipal: number;
};

/** Fewer bytes than this are not counted one by one: the bound on calls bounds them. */
export const COUNTED_BYTES = 16 * 1024;

/** As many of them as are counted. */
export function counted(bytes: number): number {
  return bytes < COUNTED_BYTES ? 0 : bytes;
}

/** Principals that are remembered; those with nothing in flight are forgotten first. */
const MAX_PRINCIPALS = 10_000;

/** What one principal has in flight. */
export class Usage {
  calls = 0;
  bytes = 0;
  /** Its key means another object now. */
  forgotten = false;
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** One more call, until `endCall`; the refusal (503) when there is no room. */
  beginCall(): Fault | undefined {
    return this.#budget.beginCall(this);
  }

  endCall(): void {
    this.#budget.endCall(this);
  }

  /** False where that many bytes more are too many; what is taken is given back once. */
  take(bytes: number): boolean {
    return this.#budget.take(this, bytes);
  }

  give(bytes: number): void {
    this.#budget.give(this, bytes);
  }
}

export class Budget {
  readonly bounds: BudgetBounds;
  #calls = 0;
  #bytes = 0;
  readonly #byKey = new Map<string, Usage>();
  /** Most principals come from a cache of tokens: the same object, many times. */
  readonly #byPrincipal = new WeakMap<Principal, Usage>();

  constructor(bounds: BudgetBounds) {
    this.bounds = bounds;
  }

  get calls(): number {
    return this.#calls;
  }

  get bytes(): number {
    return this.#bytes;
  }

  usageOf(principal: Principal): Usage {
    const known = this.#byPrincipal.get(principal);
    if (known?.forgotten === false) return known;
    const key = principalKey(principal);
    const usage = this.#byKey.get(key) ?? this.#remember(key);
    this.#byPrincipal.set(principal, usage);
    return usage;
  }

  beginCall(usage: Usage): Fault | undefined {
    const { inFlightCalls: calls, inFlightCallsPerPrincipal: callsPerPrincipal } = this.bounds;
    if (this.#calls >= calls) return busy(`${calls} calls are being answered; try again`, 1);
    if (usage.calls >= callsPerPrincipal)
      return busy(`${usage.calls} calls of yours are being answered; try again`, 1);
    this.#calls += 1;
    usage.calls += 1;
    return undefined;
  }

  endCall(usage: Usage): void {
    this.#calls -= 1;
    usage.calls -= 1;
  }

  take(usage: Usage, bytes: number): boolean {
    if (!this.#fits(usage, bytes)) return false;
    this.#bytes += bytes;
    usage.bytes += bytes;
    return true;
  }

  give(usage: Usage, bytes: number): void {
    this.#bytes -= bytes;
    usage.bytes -= bytes;
  }

  /** What is larger than a whole share still fits where nothing else is: else it could never be had. */
  #fits(usage: Usage, more: number): boolean {
    const { inFlightBytes: bytes, inFlightBytesPerPrincipal: bytesPerPrincipal } = this.bounds;
    const inProcess = this.#bytes === 0 || this.#bytes + more <= bytes;
    return inProcess && (usage.bytes === 0 || usage.bytes + more <= bytesPerPrincipal);
  }

  #remember(key: string): Usage {
    if (this.#byKey.size >= MAX_PRINCIPALS) this.#forgetIdle();
    const usage = new Usage(this);
    this.#byKey.set(key, usage);
    return usage;
  }

  #forgetIdle(): void {
    for (const [key, usage] of this.#byKey) {
      if (usage.calls > 0 || usage.bytes > 0) continue;
      usage.forgotten = true;
      this.#byKey.delete(key);
    }
  }
}

/** The refusal where there is no room for more bytes. */
export function noRoom(
  detail = 'answers that nobody has taken yet fill the memory; read yours, or try again',
): Fault {
  return busy(detail, 1);
}

/** The refusal while all places are taken. */
export function busy(detail: string, retryAfterS = 10): Fault {
  return new Fault('busy', detail, { headers: { 'retry-after': String(retryAfterS) } });
}

export type Share = {
  /** What is shared, in the plural, and the setting of the share. */
  what: string;
  setting: string;
  limit: number;
  /** Places of one principal; a tenth of the limit and ten at least, unless a setting says otherwise. */
  most: number;
};

const LEAST = 10;
const TENTH = 10;
const RETRY_AFTER_S = 10;

export function shareOf(what: string, setting: string, limit: number, given: number | undefined): Share {
  const most = Math.min(limit, given ?? Math.max(LEAST, Math.ceil(limit / TENTH)));
  return { what, setting, limit, most };
}

/** The refusal of a caller whose share is taken. Others are still served, so it is no 503. */
export function shareTaken({ what, setting, limit, most }: Share): Fault {
  const detail = `you have ${most} of ${limit} ${what}, which is the share of one caller (--${setting}); end one, or try again later`;
  return new Fault('quotaSpent', detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
}
