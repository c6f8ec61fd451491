/**
 * When each server is checked: once per interval, with some jitter so that not all come at once. A server that was never
 * reached is retried within seconds, because it may be starting. A server that does not answer, or that changes at each
 * check, is checked less and less often. Only a few checks run at the same time.
 */
import type { After } from '../../wire/clock.js';
import type { OnError } from '../../wire/log.js';
import type { Contact } from './view.js';

/** Whether the server was reached, and whether it has changed. */
export type CheckOutcome = { reached: boolean; changed: boolean };

export type ScheduleOptions = {
  intervalMs: number;
  /** Checks at the same time. */
  concurrency: number;
  check: (address: string) => Promise<CheckOutcome>;
  /** Called when a check has ended. */
  onContact: (address: string, contact: Contact) => void;
  /** Whether this replica checks servers; if not, each server waits for its next turn. */
  leads: () => Promise<boolean>;
  clock: () => Date;
  after: After;
  random?: () => number;
  onError: OnError;
};

export type Schedule = {
  /** Schedules a server, at once or at a random time within the interval. */
  add(address: string, soon: boolean): void;
  remove(address: string): void;
  /** Checks now, regardless of the schedule; resolves when the check has ended. */
  now(address: string): Promise<void>;
  /** Checks that run, and checks that are due. */
  readonly busy: { running: number; waiting: number };
  close(): Promise<void>;
};

const MAX_WAIT_MS = 60 * 60_000;
const FIRST_RETRY_MS = 1_000;
const JITTER = 0.1;

type Plan = {
  address: string;
  cancel: () => void;
  failures: number;
  changes: number;
  /** Whether the server was ever reached. */
  reached: boolean;
  running?: Promise<void> | undefined;
};

export function createSchedule(options: ScheduleOptions): Schedule {
  const { intervalMs, concurrency, check, onContact, leads, clock, after, onError } = options;
  const { random = Math.random } = options;
  const plans = new Map<string, Plan>();
  const due: Plan[] = [];
  let running = 0;
  let closed = false;

  const isActive = (plan: Plan) => plans.get(plan.address) === plan && !closed;
  const jittered = (ms: number) => Math.round(ms * (1 - JITTER + 2 * JITTER * random()));

  function wait(plan: Plan, ms: number): void {
    plan.cancel = after(ms, () => {
      due.push(plan);
      startDue();
    });
  }

  function startDue(): void {
    while (running < concurrency && !closed) {
      const plan = due.shift();
      if (plan === undefined) return;
      if (!isActive(plan) || plan.running !== undefined) continue;
      running += 1;
      void takeTurn(plan).finally(() => {
        running -= 1;
        startDue();
      });
    }
  }

  async function takeTurn(plan: Plan): Promise<void> {
    const isLeader = await leads().catch((error: unknown) => {
      onError(error, 'registry.failed');
      return false;
    });
    if (!isActive(plan)) return;
    if (isLeader) await run(plan);
    else wait(plan, jittered(intervalMs));
  }

  function run(plan: Plan): Promise<void> {
    plan.running ??= runCheck(plan).finally(() => {
      plan.running = undefined;
    });
    return plan.running;
  }

  async function runCheck(plan: Plan): Promise<void> {
    plan.cancel();
    try {
      const { reached, changed } = await check(plan.address);
      plan.failures = reached ? 0 : plan.failures + 1;
      plan.reached ||= reached;
      plan.changes = changed ? plan.changes + 1 : 0;
    } catch (error) {
      plan.failures += 1;
      if (!closed) onError(error, 'registry.failed');
    }
    if (!isActive(plan)) return;
    const ms = jittered(waitAfter(plan));
    wait(plan, ms);
    const now = clock().getTime();
    const [checkedAt, nextAt] = [new Date(now).toISOString(), new Date(now + ms).toISOString()];
    onContact(plan.address, { checkedAt, nextAt, failures: plan.failures });
  }

  function waitAfter({ failures, changes, reached }: Plan): number {
    // One change is probably a release, so it does not slow the checks down.
    const doublings = Math.min(Math.max(failures, changes - 1, 0), 30);
    const first = reached ? intervalMs : Math.min(FIRST_RETRY_MS, intervalMs);
    return Math.min(first * 2 ** doublings, Math.max(MAX_WAIT_MS, intervalMs));
  }

  return {
    add(address, soon) {
      if (plans.has(address) || closed) return;
      const plan: Plan = { address, cancel: () => {}, failures: 0, changes: 0, reached: false };
      plans.set(address, plan);
      wait(plan, soon ? 0 : Math.round(intervalMs * random()));
    },
    remove(address) {
      plans.get(address)?.cancel();
      plans.delete(address);
    },
    async now(address) {
      const plan = plans.get(address);
      if (plan !== undefined) await run(plan);
    },
    get busy() {
      return { running, waiting: due.length };
    },
    async close() {
      closed = true;
      for (const plan of plans.values()) plan.cancel();
      await Promise.allSettled([...plans.values()].map((plan) => plan.running));
    },
  };
}
