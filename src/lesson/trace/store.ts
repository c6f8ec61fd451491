/** Stores the last exchanges for the pages, bounded in number and size, and notifies watchers of changes. */
import type { TracedExchange } from './exchange.js';

const MAX_EXCHANGES = 100;
/** In all exchanges together. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

type Watcher = { onPut: (exchange: TracedExchange) => void; onCleared: () => void };

export class Store {
  readonly #exchanges = new Map<number, { exchange: TracedExchange; size: number }>();
  readonly #watchers = new Set<Watcher>();
  #size = 0;

  constructor(
    readonly maxExchanges = MAX_EXCHANGES,
    readonly maxCharacters = MAX_CHARACTERS,
  ) {}

  /** Adds an exchange, or replaces an earlier state of it. */
  put(exchange: TracedExchange): void {
    const { number } = exchange;
    const before = this.#exchanges.get(number);
    const size = sizeOf(exchange);
    this.#size += size - (before?.size ?? 0);
    this.#exchanges.set(number, { exchange, size });
    for (const oldest of [...this.#exchanges.keys()].sort((one, other) => one - other)) {
      if (this.#exchanges.size <= this.maxExchanges && this.#size <= this.maxCharacters) break;
      this.#size -= this.#exchanges.get(oldest)?.size ?? 0;
      this.#exchanges.delete(oldest);
    }
    for (const { onPut } of this.#watchers) onPut(exchange);
  }

  get(number: number): TracedExchange | undefined {
    return this.#exchanges.get(number)?.exchange;
  }

  /** Oldest first. */
  get all(): TracedExchange[] {
    return [...this.#exchanges.values()]
      .map(({ exchange }) => exchange)
      .sort((one, other) => one.number - other.number);
  }

  /** An exchange that is still open comes back with its next event. */
  clear(): void {
    this.#exchanges.clear();
    this.#size = 0;
    for (const { onCleared } of this.#watchers) onCleared();
  }

  watch(onPut: Watcher['onPut'], onCleared: Watcher['onCleared'] = () => {}): () => void {
    const watcher = { onPut, onCleared };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** Without writing out the bodies: a stream is put again with each event. */
function sizeOf({ line, headers, body, answer, token, verdicts }: TracedExchange): number {
  const { body: answered, ...head } = answer ?? {};
  const rest = JSON.stringify([line, headers, head, token, verdicts]);
  return rest.length + body.text.length + (answered?.text.length ?? 0);
}
