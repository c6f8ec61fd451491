/**
 * Room for an answer that may be large: taken before its tool runs, by what the tool's answers took lately, and then by what
 * this one takes. A burst of calls is refused before their results fill the memory, and not after.
 */
import { counted, noRoom } from './budget.js';

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
