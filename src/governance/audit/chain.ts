/**
 * Checks one chain line by line. Memory holds only its newest record and the open gaps. A gap whose records come later was a move;
 * one that stays open is reported at the end. Files and folders are in verify.ts.
 */
import { isRecord } from '../../wire/value.js';
import type { Line } from './lines.js';
import { type Head, isSummary, unrecordedIn } from './record.js';
import { isSealed, readLink } from './record-line.js';

/**
 * `changed`: a line does not match a hash; `removed`: records are missing; `reordered`: a record is in the wrong place; `added`: a
 * record is there twice; `not JSON`: a line is no record; `not gzip`: a file cannot be decompressed; `unsigned`: a head or tombstone
 * that should be signed is not, or not with a trusted key. Two kinds break no chain: `torn`, a line cut off by a crash, and
 * `notice`, what the log says about itself.
 */
export type FindingKind =
  | 'changed'
  | 'removed'
  | 'reordered'
  | 'added'
  | 'not JSON'
  | 'not gzip'
  | 'unsigned'
  | 'torn'
  | 'notice';
export type Report = (what: FindingKind, line: number, detail: string) => void;

export const isBreach = (what: FindingKind): boolean => what !== 'torn' && what !== 'notice';

/** A head that the chain must contain, and where it was kept. */
export type Witness = Head & { origin: string };
type Gap = { from: number; to: number; line: number; report: Report };

/** Open gaps; when there are more, the oldest is reported as removed. */
const MAX_GAPS = 1000;

export class Chain {
  records = 0;
  /** Refusals that are counted in a summary and have no record of their own. */
  summarised = 0;
  readonly #witnesses = new Map<number, Witness[]>();
  #gaps: Gap[] = [];
  /** Lines since the newest record that were changed or no records: they may be the missing ones. */
  #damaged = 0;

  /** `head` is what the first record follows; undefined when the records before were archived. */
  constructor(
    public head: Head | undefined,
    witnesses: readonly Witness[],
  ) {
    for (const witness of witnesses)
      this.#witnesses.set(witness.seq, [...(this.#witnesses.get(witness.seq) ?? []), witness]);
  }

  /** `report` names the file of the line. */
  take({ text, number, hasLineBreak }: Line, report: Report): void {
    if (!hasLineBreak) {
      report('torn', number, 'the line has no end');
      return;
    }
    this.records += 1;
    const link = readLink(text);
    if (text === undefined || link === undefined || !isSealed(text, link.hash)) {
      this.#damaged += 1;
      if (link === undefined) report('not JSON', number, 'the line is no audit record');
      else report('changed', number, 'the line does not match its hash');
      return;
    }
    this.#compare(link, number, report);
    if (this.head !== undefined && link.seq <= this.head.seq) this.#takeLate(link.seq, number, report);
    else this.#takeNext(link, number, report);
    if (isSummary(link.summary)) this.summarised += unrecordedIn(link.summary);
    if (link.kind === 'log' && isRecord(link.notice)) report('notice', number, JSON.stringify(link.notice));
  }

  /** Goes on after a record that is not there any more, as a tombstone says. */
  resumeAfter({ seq, hash }: Head, report: Report): void {
    this.#compare({ seq, hash }, 0, report);
    this.head = { seq, hash };
  }

  #compare({ seq, hash: own }: Head, line: number, report: Report): void {
    for (const { hash, origin } of this.#witnesses.get(seq) ?? [])
      if (hash !== own) report('changed', line, `record ${seq} differs from the one that ${origin} knows`);
  }

  /** After the last line. */
  end(line: number, report: Report): void {
    for (const gap of this.#gaps) reportGap(gap);
    if (this.head === undefined) return;
    // Damaged lines at the end are taken for the records that were there.
    const last = this.head.seq + this.#damaged;
    for (const [seq, [witness]] of this.#witnesses)
      if (seq > last)
        report('removed', line, `the log ends with record ${this.head.seq}; ${witness?.origin} knows ${seq}`);
  }

  #takeNext({ seq, prev, hash }: Head & { prev: string }, line: number, report: Report): void {
    const next = this.head === undefined ? seq : this.head.seq + 1;
    const missing = seq - next - this.#damaged;
    if (missing > 0) this.#openGap({ from: seq - missing, to: seq - 1, line, report });
    if (seq === next && this.head !== undefined && prev !== this.head.hash)
      report('changed', line, 'the record before is not the one that this record follows');
    this.#damaged = 0;
    this.head = { seq, hash };
  }

  /** A record that should have come earlier: one of the missing ones, or a second copy. */
  #takeLate(seq: number, line: number, report: Report): void {
    const gap = this.#gaps.find(({ from, to }) => seq >= from && seq <= to);
    if (gap === undefined) {
      report('added', line, `record ${seq} is there already`);
      return;
    }
    report('reordered', line, `record ${seq} comes after record ${this.head?.seq}`);
    const rest = [
      { ...gap, to: seq - 1 },
      { ...gap, from: seq + 1 },
    ].filter(({ from, to }) => from <= to);
    this.#gaps.splice(this.#gaps.indexOf(gap), 1, ...rest);
  }

  #openGap(gap: Gap): void {
    this.#gaps.push(gap);
    const oldest = this.#gaps.length > MAX_GAPS ? this.#gaps.shift() : undefined;
    if (oldest !== undefined) reportGap(oldest);
  }
}

function reportGap({ from, to, line, report }: Gap): void {
  report('removed', line, from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`);
}
