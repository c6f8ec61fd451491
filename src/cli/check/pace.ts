/** Leaves a pause between requests, so that a check is no load for the server. */
export type Timer = {
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** @returns a function that waits until the pause since the last request is over */
export function createPace(pauseMs: number, timer: Timer, signal: AbortSignal): () => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    signal.throwIfAborted();
    const wait = next - timer.now();
    if (wait > 0) await timer.sleep(wait, signal);
    next = timer.now() + pauseMs;
  };
}
