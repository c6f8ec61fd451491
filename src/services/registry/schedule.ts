/**
 * When each server is asked: on an interval, a little earlier or later so that not all come at once; one that has not been
 * there yet after seconds, since it may be starting; less and less often
 * while it does not answer, or while it is another at each look, so that neither costs much; and no more at a time than
 * so many.
 */
import type { After } from '../../wire/clock.js';
import type { Contact } from './view.js';

/** What came of a check: whether the server is there, and whether it is another than before. */
export type Outcome = { reached: boolean; changed: boolean };

export type ScheduleOptions = {
  intervalMs: number;
  /** Checks at the same time. */
  concurrency: number;
  check: (address: string) => Promise<Outcome>;
  /** Told when a check has ended. */
  onContact: (address: string, contact: Contact) => void;
  /** Whether this replica asks; while it does not, everything waits for the next turn. */
  leads: () => Promise<boolean>;
  clock: () => Date;
  after: After;
  random?: () => number;
  onError: (error: unknown, about: string) => void;
};

export type Schedule = {
  /** Takes it up, at once or some time within the interval. */
  add(address: string, soon: boolean): void;
  remove(address: string): void;
  /** Asks now, whatever the plan says; resolves when it has been asked. */
  now(address: string): Promise<void>;
  /** Checks that run and checks that are due. */
  readonly busy: { running: number; waiting: number };
  close(): Promise<void>;
};

const LONGEST_MS = 60 * 60_000;
const FIRST_MS = 1_000;
const JITTER = 0.1;

type Plan = {
  cancel: () => void;
  failures: number;
  changes: number;
  /** Whether it ever was there. */
  reached: boolean;
  running?: Promise<void> | undefined;
};

export function createSchedule(options: ScheduleOptions): Schedule {
  const { intervalMs, concurrency, check, onContact, leads, clock, after, onError } = options;
  const { random = Math.random } = options;
  const plans = new Map<string, Plan>();
  const due: string[] = [];
  let running = 0;
  let closed = false;

  function plan(address: string, one: Plan, ms: number): void {
    one.cancel = after(ms, () => {
      due.push(address);
      next();
    });
  }

  function next(): void {
    while (running < concurrency && !closed) {
      const address = due.shift();
      if (address === undefined) return;
      const one = plans.get(address);
      if (one === undefined || one.running !== undefined) continue;
      running += 1;
      void turn(address, one).finally(() => {
        running -= 1;
        next();
      });
    }
  }

  /** One check by the plan. */
  async function turn(address: string, one: Plan): Promise<void> {
    const mine = await leads().catch((error: unknown) => {
      onError(error, 'registry');
      return false;
    });
    if (mine) await run(address, one);
    else if (plans.get(address) === one && !closed) plan(address, one, jittered(intervalMs));
  }

  function run(address: string, one: Plan): Promise<void> {
    one.running ??= ask(address, one).finally(() => {
      one.running = undefined;
    });
    return one.running;
  }

  async function ask(address: string, one: Plan): Promise<void> {
    one.cancel();
    try {
      const { reached, changed } = await check(address);
      one.failures = reached ? 0 : one.failures + 1;
      one.reached ||= reached;
      one.changes = changed ? one.changes + 1 : 0;
    } catch (error) {
      one.failures += 1;
      if (!closed) onError(error, 'registry');
    }
    if (plans.get(address) !== one || closed) return;
    // A first change is what a release looks like.
    const doublings = Math.max(one.failures, one.changes - 1, 0);
    const ms = jittered(
      Math.min(
        (one.reached ? intervalMs : Math.min(FIRST_MS, intervalMs)) * 2 ** Math.min(doublings, 30),
        Math.max(LONGEST_MS, intervalMs),
      ),
    );
    plan(address, one, ms);
    const now = clock().getTime();
    const [checkedAt, nextAt] = [new Date(now).toISOString(), new Date(now + ms).toISOString()];
    onContact(address, { checkedAt, nextAt, failures: one.failures });
  }

  function jittered(ms: number): number {
    return Math.round(ms * (1 - JITTER + 2 * JITTER * random()));
  }

  return {
    add(address, soon) {
      if (plans.has(address) || closed) return;
      const one: Plan = { cancel: () => {}, failures: 0, changes: 0, reached: false };
      plans.set(address, one);
      plan(address, one, soon ? 0 : Math.round(intervalMs * random()));
    },
    remove(address) {
      plans.get(address)?.cancel();
      plans.delete(address);
    },
    async now(address) {
      const one = plans.get(address);
      if (one !== undefined) await run(address, one);
    },
    get busy() {
      return { running, waiting: due.length };
    },
    async close() {
      closed = true;
      for (const one of plans.values()) one.cancel();
      await Promise.allSettled([...plans.values()].map((one) => one.running));
    },
  };
}
