/** What happens to an error that nobody catches. */
import { fileURLToPath } from 'node:url';
import { now } from '../../wire/clock.js';
import type { OnError } from '../../wire/log.js';
import { report } from './log.js';

/** More than this many in this time are not accidents of single calls. */
const MAX_STRAYS = 1_000;
const WITHIN_MS = 10_000;
const NO_MEMORY = new Set(['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED']);

type ToolModule = { url: string; tools: readonly string[] };

/**
 * Handles errors that nobody catches: a promise that a tool forgot, or a timer of it that throws. Node would end the process, and
 * with it the calls of all other clients. Here the error is counted and logged, with the module it came from if its stack shows
 * that, and the process goes on. It ends only while it starts, when it has no memory left, or when there are far too many errors.
 */
export function createStrayErrors(exit: (code: number) => void, report: OnError, clock: () => Date) {
  const modules = new Map<string, ToolModule>();
  let count = 0;
  let hasStarted = false;
  let recent = 0;
  let since = 0;

  function tooMany(): boolean {
    const time = clock().getTime();
    if (time - since > WITHIN_MS) {
      since = time;
      recent = 0;
    }
    recent += 1;
    return recent > MAX_STRAYS;
  }

  return {
    get count(): number {
      return count;
    },
    /** An error with this module in its stack belongs to one of these tools. */
    addModule(module: ToolModule): void {
      modules.set(module.url, module);
    },
    /** From now on a stray error does not end the process. */
    started(): void {
      hasStarted = true;
    },
    /** `kind` says in the log what happened. */
    handle(error: unknown, kind: string): void {
      count += 1;
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      // stderr or stdout is closed. Writing about it would cause the next error.
      if (code === 'EPIPE') return;
      const about = `${kind}${originOf(error, [...modules.values()])}`;
      if (hasStarted && !NO_MEMORY.has(code) && !tooMany()) {
        report(error, 'process.stray-error', { about });
        return;
      }
      report(error, 'process.ended', { about });
      exit(1);
    },
  };
}

function originOf(error: unknown, modules: readonly ToolModule[]): string {
  const stack = error instanceof Error ? String(error.stack) : '';
  const module = modules.find(({ url }) => stack.includes(url) || stack.includes(fileURLToPath(url)));
  if (module === undefined) return '';
  const { tools, url } = module;
  return ` in ${fileURLToPath(url)} (${tools.slice(0, 10).join(', ')}${tools.length > 10 ? ', …' : ''})`;
}

/** Those of this process. */
export const strayErrors = createStrayErrors((code) => process.exit(code), report, now);

export function catchStrayErrors(): void {
  process.on('unhandledRejection', (reason) =>
    strayErrors.handle(reason, 'a rejected promise that nobody awaits'),
  );
  process.on('uncaughtException', (error) => strayErrors.handle(error, 'an error that nobody catches'));
}
