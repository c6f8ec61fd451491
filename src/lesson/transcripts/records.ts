/** Compares the records that a transcript's requests leave in the audit log: every expected one, and no other. */
import type { ExpectedText } from './expected.js';
import { type Difference, matchJson, unexpected } from './match.js';
import type { Captures } from './request.js';
import type { ServerName } from './steps.js';

const POLL_MS = 20;

export class Records {
  #server: ServerName | undefined;
  #before = 0;
  #expectedCount = 0;

  constructor(
    /** All records in the audit log of a server, in order. */
    readonly read: ((server: ServerName) => Promise<readonly unknown[]>) | undefined,
    readonly captures: Captures,
    readonly deadlineMs: number,
  ) {}

  /** Starts with the records of the next request. Returns the records of the previous one that no block expected. */
  async next(server: ServerName): Promise<Difference[]> {
    const extra = await this.leftOver();
    this.#server = server;
    this.#before = (await this.#read()).length;
    this.#expectedCount = 0;
    return extra;
  }

  async expect(expected: ExpectedText & { kind: 'json' }): Promise<Difference[]> {
    const at = this.#before + this.#expectedCount;
    this.#expectedCount += 1;
    const end = performance.now() + this.deadlineMs;
    let records = await this.#read();
    while (records.length <= at && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      records = await this.#read();
    }
    const differences = matchJson(expected.value, records[at], this.captures, expected.line);
    return differences.map((difference) => ({
      ...difference,
      where: `record ${this.#expectedCount} at ${difference.where}`,
    }));
  }

  /** Empty unless the transcript expects records of this request: most transcripts are not about them. */
  async leftOver(): Promise<Difference[]> {
    if (this.#expectedCount === 0) return [];
    const extra = (await this.#read()).slice(this.#before + this.#expectedCount);
    return extra.flatMap((record) => unexpected(0, 'a further record', record));
  }

  async #read(): Promise<readonly unknown[]> {
    if (this.read === undefined || this.#server === undefined) {
      throw new Error('this transcript needs access to the audit log');
    }
    return this.read(this.#server);
  }
}
