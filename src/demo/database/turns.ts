/**
 * Decides which statement runs next. A number of statements run at once; the others wait in one line per tenant. The next
 * turn goes to the tenant that has used the database for the least time, so slow statements of one tenant delay another
 * by no more than the statement that is running. Within a tenant our own statements go first. A line that is full, or too
 * slow, rejects a statement instead of letting its caller wait for nothing.
 */
import { DatabaseBusy } from './database.js';

export type TurnBounds = {
  /** Statements that run at the same time. */
  atOnce: number;
  /** Statements of one tenant that run at the same time; `atOnce` by default. */
  atOncePerTenant?: number;
  /** Statements of one tenant that may wait, not counting our own. */
  maxWaiting?: number;
  /** Milliseconds a statement waits before it is rejected because the database is busy. */
  waitMs?: number;
  clock?: () => number;
};

/** Our own statements come from tools that are bounded already, and are short. */
const MAX_OWN_WAITING = 256;
/** All tenants together. */
const MAX_ALL_WAITING = 1_024;
/** Tenants whose usage is remembered while they have no statement here. */
const MAX_IDLE_LINES = 1_000;

export type Caller = {
  signal?: AbortSignal | undefined;
  /** Unique across issuers, because two issuers may use the same name. */
  tenant?: string | undefined;
  /** `own` goes before the callers' statements of its tenant, `urgent` before all. */
  rank?: 'caller' | 'own' | 'urgent';
};

type Start = () => void;
type Line = { own: Start[]; callers: Start[]; running: number; usedMs: number };

const newLine = (): Line => ({ own: [], callers: [], running: 0, usedMs: 0 });
const waitingIn = ({ own, callers }: Line): number => own.length + callers.length;

export class Turns {
  readonly #bounds: Required<TurnBounds>;
  readonly #lines = new Map<string | undefined, Line>();
  readonly #urgent = newLine();
  #running = 0;
  #waiting = 0;
  /** What the tenant of the last turn had used. A new tenant starts from there, without credit for its absence. */
  #level = 0;

  constructor({ atOnce, ...bounds }: TurnBounds) {
    const defaults = { maxWaiting: 32, waitMs: 15_000, clock: () => performance.now() };
    this.#bounds = { atOnce, atOncePerTenant: atOnce, ...defaults, ...bounds };
  }

  /** @throws DatabaseBusy, or the signal's reason when it aborts before the turn comes. */
  async run<T>(work: () => Promise<T>, caller: Caller = {}): Promise<T> {
    caller.signal?.throwIfAborted();
    const isUrgent = caller.rank === 'urgent';
    const line = isUrgent ? this.#urgent : (this.#lines.get(caller.tenant) ?? newLine());
    if (!isUrgent) this.#lines.set(caller.tenant, line);
    if (line.running === 0 && waitingIn(line) === 0) line.usedMs = Math.max(line.usedMs, this.#level);
    if (this.#mayStart(line)) this.#start(line);
    else await this.#wait(line, caller);
    const began = this.#bounds.clock();
    try {
      return await work();
    } finally {
      line.usedMs += this.#bounds.clock() - began;
      line.running--;
      this.#running--;
      if (this.#waiting > 0) this.#startNext();
      if (this.#running === 0) {
        this.#lines.clear();
        this.#level = 0;
      }
      if (this.#lines.size > MAX_IDLE_LINES) this.#forgetIdle();
    }
  }

  #mayStart(line: Line): boolean {
    const { atOnce, atOncePerTenant } = this.#bounds;
    return this.#running < atOnce && (line === this.#urgent || line.running < atOncePerTenant);
  }

  #start(line: Line): void {
    line.running++;
    this.#running++;
    if (line !== this.#urgent) this.#level = line.usedMs;
  }

  #startNext(): void {
    const next = this.#nextLine();
    if (next === undefined) return;
    this.#start(next);
    (next.own.shift() ?? next.callers.shift())?.();
  }

  #nextLine(): Line | undefined {
    const canStart = (line: Line): boolean => waitingIn(line) > 0 && this.#mayStart(line);
    if (canStart(this.#urgent)) return this.#urgent;
    let next: Line | undefined;
    for (const line of this.#lines.values())
      if (canStart(line) && (next === undefined || line.usedMs < next.usedMs)) next = line;
    return next;
  }

  /** Resolves when the turn has come, already counted as running. */
  async #wait(line: Line, { signal, rank = 'caller', tenant }: Caller): Promise<void> {
    const queue = rank === 'caller' ? line.callers : line.own;
    if (queue.length >= (rank === 'caller' ? this.#bounds.maxWaiting : MAX_OWN_WAITING))
      throw new DatabaseBusy(line.running, waitingIn(line), tenant !== undefined);
    if (this.#waiting >= MAX_ALL_WAITING) throw this.#busy();
    await new Promise<void>((resolve, reject) => {
      // Leaves the line at once, so that no turn goes to a caller who has gone.
      const leave = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        const at = queue.indexOf(start);
        if (at >= 0) queue.splice(at, 1);
        this.#waiting--;
        settle();
      };
      const start = (): void => leave(resolve);
      const onAbort = (): void => leave(() => reject(signal?.reason));
      const timer = setTimeout(() => leave(() => reject(this.#busy())), this.#bounds.waitMs);
      signal?.addEventListener('abort', onAbort);
      queue.push(start);
      this.#waiting++;
    });
  }

  #busy(): DatabaseBusy {
    return new DatabaseBusy(this.#running, this.#waiting);
  }

  #forgetIdle(): void {
    for (const [tenant, line] of this.#lines)
      if (line.running === 0 && waitingIn(line) === 0) this.#lines.delete(tenant);
  }
}
