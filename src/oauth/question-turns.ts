/**
 * Decides whose opaque token an issuer is asked about next. Anybody can send tokens, so few questions are open at once, and
 * client addresses share them: an address with many tokens waits behind itself. Tokens that were good before go first and have
 * places of their own, so strangers cannot stop clients that are at work. Behind a proxy all clients have one address, and only
 * the second rule helps.
 */
import type { After } from '../wire/clock.js';
import { KeysUnreachable } from './token-refused.js';

export type Asker = {
  /** Clients with the same text share one queue. */
  address: string;
  /** Whether this token was good before. */
  known: boolean;
};

const MAX_OPEN = 32;
/** Open questions about tokens not seen before: of all addresses, and of one. */
const MAX_OPEN_UNKNOWN = 24;
const MAX_OPEN_OF_ADDRESS = 12;
const MAX_WAITING = 1_024;
const MAX_WAITING_OF_ADDRESS = 256;
const MAX_WAIT_MS = 3_000;

type Waiter = { start: () => void; refuse: () => void };
type Line = { open: number; waiting: Waiter[] };

export class QuestionTurns {
  readonly #after: After;
  readonly #known: Line = { open: 0, waiting: [] };
  /** Queues by address; the address whose turn is next comes first. */
  readonly #lines = new Map<string, Line>();
  #openUnknown = 0;
  #waiting = 0;

  constructor(after: After) {
    this.#after = after;
  }

  /** @throws KeysUnreachable when no turn comes in time, and whatever `ask` throws */
  async run<T>(ask: () => Promise<T>, { address, known }: Asker): Promise<T> {
    const line = known ? this.#known : this.#lineOf(address);
    try {
      if (line.waiting.length === 0 && this.#mayStart(line)) this.#open(line);
      else await this.#wait(line);
      try {
        return await ask();
      } finally {
        line.open -= 1;
        if (line !== this.#known) this.#openUnknown -= 1;
        this.#startNext();
      }
    } finally {
      if (!known && isIdle(line)) this.#lines.delete(address);
    }
  }

  #lineOf(address: string): Line {
    const line = this.#lines.get(address) ?? { open: 0, waiting: [] };
    this.#lines.set(address, line);
    return line;
  }

  #mayStart(line: Line): boolean {
    if (this.#known.open + this.#openUnknown >= MAX_OPEN) return false;
    if (line === this.#known) return true;
    return this.#openUnknown < MAX_OPEN_UNKNOWN && line.open < MAX_OPEN_OF_ADDRESS;
  }

  #open(line: Line): void {
    line.open += 1;
    if (line !== this.#known) this.#openUnknown += 1;
  }

  #startNext(): void {
    if (this.#start(this.#known)) return;
    for (const [address, line] of this.#lines) {
      if (!this.#start(line)) continue;
      this.#lines.delete(address);
      this.#lines.set(address, line);
      return;
    }
  }

  #start(line: Line): boolean {
    const [first] = line.waiting;
    if (first === undefined || !this.#mayStart(line)) return false;
    this.#open(line);
    first.start();
    return true;
  }

  /** Settles when the turn has come; it then counts as open already. */
  #wait(line: Line): Promise<void> {
    if (line.waiting.length >= MAX_WAITING_OF_ADDRESS) throw busy();
    if (this.#waiting >= MAX_WAITING) this.#makeRoom(line);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        stopTimer();
        line.waiting.splice(line.waiting.indexOf(waiter), 1);
        this.#waiting -= 1;
      };
      const waiter: Waiter = {
        start: () => {
          leave();
          resolve();
        },
        refuse: () => {
          leave();
          reject(busy());
        },
      };
      const stopTimer = this.#after(MAX_WAIT_MS, waiter.refuse);
      line.waiting.push(waiter);
      this.#waiting += 1;
    });
  }

  /** Somebody has to go: the last of the longest line, or the newcomer where no line is longer than its own would be. */
  #makeRoom(newcomers: Line): void {
    let longest: Line | undefined;
    let length = newcomers.waiting.length + 1;
    for (const line of this.#lines.values()) {
      if (line.waiting.length <= length) continue;
      longest = line;
      length = line.waiting.length;
    }
    const last = longest?.waiting.at(-1);
    if (last === undefined) throw busy();
    last.refuse();
  }
}

const isIdle = ({ open, waiting }: Line): boolean => open === 0 && waiting.length === 0;

function busy(): KeysUnreachable {
  return new KeysUnreachable(`${MAX_OPEN} questions about tokens are open, and too many wait`);
}

/**
 * The key of a client's share. An IPv6 client may use any address of its site, and anybody can have a site of 48 bits: 65,536
 * networks.
 */
export function addressShare(address = ''): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [withoutZone = ''] = address.split('%', 1);
  const [head = '', tail] = withoutZone.split('::');
  const groups = head === '' ? [] : head.split(':');
  const skipped = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({ length: skipped }, () => '0'), ...(tail ?? '').split(':')];
  return `${all.slice(0, 3).join(':')}::/48`;
}
