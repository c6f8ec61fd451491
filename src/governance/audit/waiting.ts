/** Records that wait to be written, in the order of the calls, and how many of them share a write. */
import { type Draft, seal } from './record.js';

export type Waiting = {
  draft: Draft | undefined;
  durable: boolean;
  resolve(): void;
  reject(error: Error): void;
};

/** Characters of one write, and so the most that is hashed in one turn of the event loop. */
const MAX_BATCH = 256 * 1024;

export class WaitingLine {
  readonly #waiting: Waiting[] = [];

  /** `backlog` counts the characters that wait, over all tenants. */
  constructor(private readonly backlog: { chars: number }) {}

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.backlog.chars += lengthOf(waiting.draft);
  }

  /** The oldest ones, of one day. */
  nextBatch(): Waiting[] {
    const day = this.#waiting[0]?.draft?.day;
    let chars = 0;
    let count = 0;
    for (const { draft } of this.#waiting) {
      const more = lengthOf(draft);
      if (count > 0 && (chars + more > MAX_BATCH || draft?.day !== day)) break;
      chars += more;
      count += 1;
    }
    this.backlog.chars -= chars;
    return this.#waiting.splice(0, count);
  }
}

/** Their lines, chained to the record before, and the last one's place and hash. */
export function sealAll(drafts: readonly Draft[], head: { seq: number; hash: string }) {
  let { seq, hash } = head;
  let text = '';
  for (const draft of drafts) {
    seq += 1;
    const sealed = seal(draft, seq, hash);
    hash = sealed.hash;
    text += sealed.line;
  }
  return { text, head: { seq, hash } };
}

const lengthOf = (draft: Draft | undefined) =>
  draft === undefined ? 0 : draft.before.length + draft.between.length + draft.after.length;
