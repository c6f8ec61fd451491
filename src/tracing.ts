/** The trace of a process: what --trace makes of its clock and its terminal. */
import { now } from './clock.js';
import type { Config } from './config.js';
import { createTrace, type Trace } from './trace/trace.js';

/** A file or a pipe has no width of its own. */
const COLUMNS = 140;

/** Undefined unless it is asked for: then nothing is watched, and nothing is kept. */
export function openTrace(
  { trace, stdio }: Config,
  onError: (error: unknown, about: string) => void,
): Trace | undefined {
  if (!trace || stdio) return undefined;
  const { stderr, env, hrtime } = process;
  return createTrace({
    write: (text) => void stderr.write(text),
    look: () => ({
      columns: stderr.columns ?? COLUMNS,
      color: stderr.isTTY === true && (env.NO_COLOR ?? '') === '',
    }),
    clock: now,
    ticks: () => hrtime.bigint(),
    onError,
  });
}
