/** Errors that no answer carries: how often a lasting problem is logged, and what happens to an error that nobody catches. */
import { fileURLToPath } from 'node:url';
import type { Refusal } from '../oauth/protection.js';
import { now } from '../wire/clock.js';

const PAUSE_MS = 10_000;
/** How many kinds of problem are remembered. Some are named by what comes from outside. */
const MAX_KINDS = 1_000;

export type OnError = (error: unknown, about: string) => void;

/** Passes on at most one error of each kind in ten seconds; `about` is the kind. */
export function throttledLog(onError: OnError, clock: () => Date): OnError {
  const lastTimes = new Map<string, number>();
  return (error, about) => {
    const time = clock().getTime();
    const last = lastTimes.get(about);
    if (last !== undefined && time - last < PAUSE_MS) return;
    if (lastTimes.size >= MAX_KINDS) lastTimes.clear();
    lastTimes.set(about, time);
    onError(error, about);
  };
}

/** Warnings on stderr, one line each. */
export const warnings = throttledLog((error, about) => console.error(`${about}: ${reasons(error)}`), now);

const logLine = throttledLog((detail, about) => console.error(`${about}: ${String(detail)}`), now);

/** Logs refused tokens, but those with one reason only now and then, so that a flood of bad requests cannot fill the disk. */
export function logRefusal(server: string, { status, reason, detail }: Refusal): void {
  logLine(detail, `${server} ${status} ${reason}`);
}

/** The message of an error and those of its causes. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const message = error.message || code;
  return error.cause === undefined ? message : `${message}: ${reasons(error.cause)}`;
}

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
export function createStrayErrors(
  exit: (code: number) => void,
  write: (...words: unknown[]) => void,
  clock: () => Date,
) {
  const modules: ToolModule[] = [];
  // A tool that fails in each call must not fill the log; the count has every error.
  const log = throttledLog((error, about) => write(`${about}; the server goes on:`, error), clock);
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
      modules.push(module);
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
      const about = `${kind}${originOf(error, modules)}`;
      if (hasStarted && !NO_MEMORY.has(code) && !tooMany()) {
        log(error, about);
        return;
      }
      write(`${about}; the process ends:`, error);
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
export const strayErrors = createStrayErrors(
  (code) => process.exit(code),
  (...words) => console.error(...words),
  now,
);

export function catchStrayErrors(): void {
  process.on('unhandledRejection', (reason) =>
    strayErrors.handle(reason, 'a rejected promise that nobody awaits'),
  );
  process.on('uncaughtException', (error) => strayErrors.handle(error, 'an error that nobody catches'));
}
