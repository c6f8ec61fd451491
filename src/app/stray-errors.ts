/**
 * Errors that reach nobody: a promise that a tool forgot, a timer or an abort listener of it that throws. Node would end the
 * process, and with it the calls of everybody else. Here they are logged, with the module they came from where the stack says
 * it, counted, and the process goes on. It ends only when it is broken itself: when it has not started yet, when it has no
 * memory left, or when strays come so fast that they are no accident of one call.
 */
import { fileURLToPath } from 'node:url';
import { now } from '../wire/clock.js';
import { throttledLog } from './throttled-log.js';

/** As many within as many milliseconds are no accidents. */
const MAX_STRAYS = 1_000;
const WITHIN_MS = 10_000;
const NO_MEMORY = new Set(['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED']);

export type ToolModule = { url: string; tools: readonly string[] };

export class StrayErrors {
  count = 0;
  readonly #modules: ToolModule[] = [];
  readonly #log: (error: unknown, about: string) => void;
  readonly #write: (...words: unknown[]) => void;
  readonly #exit: (code: number) => void;
  readonly #clock: () => Date;
  #started = false;
  #recent = 0;
  #since = 0;

  constructor(exit: (code: number) => void, write: (...words: unknown[]) => void, clock: () => Date) {
    this.#exit = exit;
    this.#write = write;
    this.#clock = clock;
    // One that each call makes must not fill the log; the count has them all.
    this.#log = throttledLog((error, about) => write(`${about}; the server goes on:`, error), clock);
  }

  /** Stacks through this file are of one of these tools. */
  know(module: ToolModule): void {
    this.#modules.push(module);
  }

  /** From now on a stray error ends nothing. */
  started(): void {
    this.#started = true;
  }

  /** @param kind what nobody caught, as the log says it */
  take(error: unknown, kind: string): void {
    this.count += 1;
    const code = codeOf(error);
    // stderr or stdout is closed: to write about it would make the next one.
    if (code === 'EPIPE') return;
    const about = `${kind}${this.#origin(error)}`;
    if (this.#started && !NO_MEMORY.has(code) && !this.#tooMany()) {
      this.#log(error, about);
      return;
    }
    this.#write(`${about}; the process ends:`, error);
    this.#exit(1);
  }

  #origin(error: unknown): string {
    const stack = error instanceof Error ? String(error.stack) : '';
    const module = this.#modules.find(({ url }) => stack.includes(url) || stack.includes(fileURLToPath(url)));
    if (module === undefined) return '';
    const { tools, url } = module;
    return ` in ${fileURLToPath(url)} (${tools.slice(0, 10).join(', ')}${tools.length > 10 ? ', …' : ''})`;
  }

  #tooMany(): boolean {
    const time = this.#clock().getTime();
    if (time - this.#since > WITHIN_MS) {
      this.#since = time;
      this.#recent = 0;
    }
    this.#recent += 1;
    return this.#recent > MAX_STRAYS;
  }
}

/** Those of this process. */
export const strayErrors = new StrayErrors(
  (code) => process.exit(code),
  (...words) => console.error(...words),
  now,
);

export function catchStrayErrors(): void {
  process.on('unhandledRejection', (reason) =>
    strayErrors.take(reason, 'a rejected promise that nobody awaits'),
  );
  process.on('uncaughtException', (error) => strayErrors.take(error, 'an error that nobody catches'));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
