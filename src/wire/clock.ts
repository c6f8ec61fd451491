/** Real time, for whoever hands it to the pure rooms: they know neither a clock nor a timer of their own. */
import type { After } from './mcp/request-context.js';

export const now = (): Date => new Date();

export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** The same, but a process with nothing else to do does not wait for it. */
export const afterUnlessDone: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
