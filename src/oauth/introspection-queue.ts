/**
 * Decides which opaque token an issuer is asked about next. Anybody can send tokens, so few introspection requests are open
 * at once, and client addresses share them: an address with many tokens waits behind itself. Tokens that were valid before
 * go first and have reserved places, so strangers cannot stop working clients. Behind a proxy all clients have one address,
 * and only the second rule helps.
 */
import type { After } from '../wire/clock.js';
import { IssuerUnreachable } from './token-errors.js';

export type Requester = {
  /** Clients with the same text share one queue. */
  address: string;
  /** Whether this token was valid before. */
  wasValid: boolean;
};

const MAX_OPEN = 32;
/** Open requests for tokens not seen before: of all addresses, and of one. */
const MAX_OPEN_NEW = 24;
const MAX_OPEN_OF_ADDRESS = 12;
const MAX_WAITING = 1_024;
const MAX_WAITING_OF_ADDRESS = 256;
const MAX_WAIT_MS = 3_000;

type Waiter = { start: () => void; reject: () => void };
type Line = { open: number; waiting: Waiter[] };

export class IntrospectionQueue {
  readonly #after: After;
  /** Tokens that were valid before. */
  readonly #trusted: Line = { open: 0, waiting: [] };
  /** Queues by address; the address whose turn is next comes first. */
  readonly #lines = new Map<string, Line>();
  #openNew = 0;
  #waiting = 0;

  constructor(after: After) {
    this.#after = after;
  }

  /** @throws IssuerUnreachable when no turn comes in time, and whatever `introspect` throws */
  async run<T>(introspect: () => Promise<T>, { address, wasValid }: Requester): Promise<T> {
    const line = wasValid ? this.#trusted : this.#lineOf(address);
    try {
      // This overtakes nobody: a line in which somebody waits may not start.
      if (this.#mayStart(line)) this.#open(line);
      else await this.#wait(line);
      try {
        return await introspect();
      } finally {
        line.open -= 1;
        if (line !== this.#trusted) this.#openNew -= 1;
        this.#startNext();
      }
    } finally {
      if (!wasValid && line.open === 0 && line.waiting.length === 0) this.#lines.delete(address);
    }
  }

  #lineOf(address: string): Line {
    const line = this.#lines.get(address) ?? { open: 0, waiting: [] };
    this.#lines.set(address, line);
    return line;
  }

  #mayStart(line: Line): boolean {
    if (this.#trusted.open + this.#openNew >= MAX_OPEN) return false;
    if (line === this.#trusted) return true;
    return this.#openNew < MAX_OPEN_NEW && line.open < MAX_OPEN_OF_ADDRESS;
  }

  #open(line: Line): void {
    line.open += 1;
    if (line !== this.#trusted) this.#openNew += 1;
  }

  #startNext(): void {
    if (this.#start(this.#trusted)) return;
    for (const [address, line] of this.#lines) {
      if (!this.#start(line)) continue;
      // To the end of the round.
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

  /** Resolves when the turn has come, already counted as open. */
  #wait(line: Line): Promise<void> {
    if (line.waiting.length >= MAX_WAITING_OF_ADDRESS) throw busy();
    if (this.#waiting >= MAX_WAITING) this.#makeRoom(line);
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void): void => {
        stopTimer();
        line.waiting.splice(line.waiting.indexOf(waiter), 1);
        this.#waiting -= 1;
        settle();
      };
      const waiter: Waiter = {
        start: () => leave(resolve),
        reject: () => leave(() => reject(busy())),
      };
      const stopTimer = this.#after(MAX_WAIT_MS, waiter.reject);
      line.waiting.push(waiter);
      this.#waiting += 1;
    });
  }

  /** Rejects the last of the longest line, or the newcomer where no line is longer than its own would be. */
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
    last.reject();
  }
}

function busy(): IssuerUnreachable {
  return new IssuerUnreachable(`${MAX_OPEN} questions about tokens are open, and too many wait`);
}

/** Clients with one share: an IPv4 address, or an IPv6 site of 48 bits, any address of which its owner may use. */
export function addressShare(address = ''): string {
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (ipv4 !== undefined || !address.includes(':')) return ipv4 ?? address;
  const [groups = [], tailGroups = []] = address
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  const zeroGroups = 8 - groups.length - tailGroups.length;
  const all = [...groups, ...Array.from({ length: zeroGroups }, () => '0'), ...tailGroups];
  return `${all.slice(0, 3).join(':')}::/48`;
}
