/** What the requests of a transcript leave in the audit log: each record is expected, and no other. */
import type { ExpectedText } from './expected.js';
import type { Captures } from './fill.js';
import { type Difference, matchJson, unexpected } from './match.js';
import type { ServerName } from './steps.js';

const POLL_MS = 20;

export class Records {
  #server: ServerName | undefined;
  #before = 0;
  #taken = 0;

  constructor(
    /** All that the audit log of a server holds, in its order. */
    readonly read: ((server: ServerName) => Promise<readonly unknown[]>) | undefined,
    readonly captures: Captures,
    readonly deadlineMs: number,
  ) {}

  /** From now on records of the next request are expected; those of the last one must all have been. */
  async next(server: ServerName): Promise<Difference[]> {
    const left = await this.leftOver();
    this.#server = server;
    this.#before = (await this.#read()).length;
    this.#taken = 0;
    return left;
  }

  async expect(expected: ExpectedText & { kind: 'json' }): Promise<Difference[]> {
    const at = this.#before + this.#taken;
    this.#taken += 1;
    const end = performance.now() + this.deadlineMs;
    let records = await this.#read();
    while (records.length <= at && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      records = await this.#read();
    }
    const found = matchJson(expected.value, records[at], this.captures, expected.line);
    return found.map((difference) => ({
      ...difference,
      where: `record ${this.#taken} at ${difference.where}`,
    }));
  }

  /** Only where records were expected at all: not every transcript is about them. */
  async leftOver(): Promise<Difference[]> {
    if (this.#taken === 0) return [];
    const left = (await this.#read()).slice(this.#before + this.#taken);
    return left.flatMap((record) => unexpected(0, 'a further record', record));
  }

  async #read(): Promise<readonly unknown[]> {
    if (this.read === undefined || this.#server === undefined) {
      throw new Error('nothing was given that reads the audit log');
    }
    return this.read(this.#server);
  }
}
