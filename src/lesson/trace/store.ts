/** The last exchanges, for the pages: bounded in number and in size, and told about as they change. */
import type { Traced } from './exchange.js';

const MOST = 100;
/** Characters of text together. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

export class Store {
  readonly #kept = new Map<number, { traced: Traced; size: number }>();
  readonly #watchers = new Set<(traced: Traced) => void>();
  #size = 0;

  constructor(
    readonly most = MOST,
    readonly mostCharacters = MAX_CHARACTERS,
  ) {}

  /** A new exchange, or what became of one; one that has been dropped stays so. */
  put(traced: Traced): void {
    const { number } = traced;
    const before = this.#kept.get(number);
    const size = sizeOf(traced);
    this.#size += size - (before?.size ?? 0);
    this.#kept.set(number, { traced, size });
    for (const oldest of [...this.#kept.keys()].sort((one, other) => one - other)) {
      if (this.#kept.size <= this.most && this.#size <= this.mostCharacters) break;
      this.#size -= this.#kept.get(oldest)?.size ?? 0;
      this.#kept.delete(oldest);
    }
    for (const tell of this.#watchers) tell(traced);
  }

  get(number: number): Traced | undefined {
    return this.#kept.get(number)?.traced;
  }

  /** Oldest first. */
  get all(): Traced[] {
    return [...this.#kept.values()]
      .map(({ traced }) => traced)
      .sort((one, other) => one.number - other.number);
  }

  watch(tell: (traced: Traced) => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }
}

function sizeOf({ line, headers, body, answer, token, verdicts }: Traced): number {
  return JSON.stringify([line, headers, body.text, answer, token, verdicts]).length;
}
