/** What an operator can see of approvals: how many wait for a person, and how often each step was taken. */
import { APPROVAL_STEPS, type ApprovalStep, type OnStep } from '../governance/approval/approval-steps.js';
import { family } from '../services/exposition.js';

/** The store is not asked more often, however many scrape. */
const REFRESH_MS = 10_000;

/** @param countPending asks the state that replicas share, which may be away. So a scrape shows what the one before it has asked for. */
export function approvalMetrics(countPending: () => Promise<number>): {
  counting(onStep: OnStep): OnStep;
  text(): string;
} {
  // From zero, because Prometheus sees no increase in a series that begins with its first step.
  const steps = new Map<ApprovalStep, number>(APPROVAL_STEPS.map((step) => [step, 0]));
  let pending: number | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  function refresh(): void {
    if (performance.now() - askedAt < REFRESH_MS) return;
    askedAt = performance.now();
    countPending().then(
      (count) => {
        pending = count;
      },
      // While the state is away nobody knows. Its own metric says that it is.
      () => {
        pending = undefined;
      },
    );
  }

  return {
    counting: (onStep) => (step, approval, by) => {
      steps.set(step, (steps.get(step) ?? 0) + 1);
      return onStep(step, approval, by);
    },
    text() {
      refresh();
      return [
        family(
          'gauge',
          'barewire_approvals_pending',
          'Requests that wait for a person, at all replicas together.',
          pending === undefined ? [] : pending,
        ),
        family(
          'counter',
          'barewire_approval_steps_total',
          'Steps of approvals that this process took, by step.',
          [...steps].map(([step, count]) => [{ step }, count] as const),
        ),
      ].join('');
    },
  };
}
