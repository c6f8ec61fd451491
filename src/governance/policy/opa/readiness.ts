/**
 * Whether the policy engine decides, for readiness: asked as for a call, but at most once a second however many probes
 * come, and never twice at the same time. The engine's deadline bounds each question.
 */
const EVERY_MS = 1_000;

/** `ask` rejects when there is no decision. */
export function createOpaReadiness(
  ask: () => Promise<unknown>,
  clock: () => number = () => performance.now(),
): () => Promise<void> {
  let last: { outcome: Promise<void>; settledAt: number } | undefined;
  return () => {
    if (last !== undefined && clock() - last.settledAt < EVERY_MS) return last.outcome;
    const asked = { outcome: Promise.resolve(), settledAt: Number.POSITIVE_INFINITY };
    asked.outcome = ask()
      .then(() => undefined)
      .finally(() => {
        asked.settledAt = clock();
      });
    last = asked;
    return asked.outcome;
  };
}
