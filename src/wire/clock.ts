/** The real clock and timers. Pure files get theirs from their callers. */

/** Calls `run` after `ms` milliseconds unless the returned function is called first. */
export type After = (ms: number, run: () => void) => () => void;

export const now = (): Date => new Date();

export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** The same, but the timer does not keep the process alive. */
export const afterUnlessDone: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
