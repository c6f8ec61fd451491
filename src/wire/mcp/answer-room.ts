/**
 * Room for an answer that may be large: taken before its tool runs, by what the tool's answers took lately, and then by what
 * this one takes. A burst of calls is refused before their results fill the memory, and not after.
 */

import type { After } from '../clock.js';
import { COUNTED_BYTES, counted, noRoom } from './budget.js';

/** Takes that many bytes more, or gives them back where the number is negative; false where there is no room. */
export type TakeBytes = (bytes: number) => boolean;

export class AnswerRoom {
  readonly #take: TakeBytes;
  #taken = 0;

  constructor(take: TakeBytes) {
    this.#take = take;
  }

  /** @throws Fault 503 when there is no room for an answer of that size */
  reserve(bytes: number): void {
    if (!this.settle(bytes)) throw noRoom();
  }

  /** The answer has that many bytes. False where there is no room for it; then nothing is taken. */
  settle(bytes: number): boolean {
    const size = counted(bytes);
    if (size === this.#taken) return true;
    const fits = this.#take(size - this.#taken);
    if (!fits && this.#taken > 0) this.#take(-this.#taken);
    this.#taken = fits ? size : 0;
    return fits;
  }
}

/** Calls of a tool that run at once before anybody knows how large its answers are, and how long others wait to know it. */
const FIRST_CALLS = 2;
const FIRST_MS = 1_000;

/** How large the answers of each tool were lately. */
export class AnswerSizes {
  /** Tools that have answered; 0 for small answers. */
  readonly #byTool = new Map<string, number>();
  readonly #first = new Map<string, { running: number; waiting: Set<() => void> }>();

  knows(tool: string): boolean {
    return this.#byTool.has(tool);
  }

  expected(tool: string): number {
    return this.#byTool.get(tool) ?? 0;
  }

  /** The largest one counts, and less with each that is smaller. */
  note(tool: string, bytes: number): void {
    const before = this.#byTool.get(tool);
    if (before === 0 && bytes < COUNTED_BYTES) return;
    const size = Math.max(bytes, Math.floor((before ?? 0) * 0.8));
    this.#byTool.set(tool, counted(size));
    const first = this.#first.get(tool);
    this.#first.delete(tool);
    for (const wake of first?.waiting ?? []) wake();
  }

  /** Runs a call of a tool that has not answered yet: a few at once, so that the first result is counted before many large ones come. */
  async first<T>(tool: string, after: After, run: () => Promise<T>): Promise<T> {
    const first = this.#first.get(tool) ?? { running: 0, waiting: new Set() };
    this.#first.set(tool, first);
    if (first.running >= FIRST_CALLS)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          forget();
          first.waiting.delete(wake);
          resolve();
        };
        const forget = after(FIRST_MS, wake);
        first.waiting.add(wake);
      });
    first.running += 1;
    try {
      return await run();
    } finally {
      first.running -= 1;
    }
  }
}
