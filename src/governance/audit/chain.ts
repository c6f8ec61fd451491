/**
 * Checks one chain line by line, and holds no more than its newest record and the gaps that are open. A gap whose
 * records come later was a move; one that stays open is reported when the chain ends. Files and folders are in verify.ts.
 */

import { isRecord } from '../../wire/value.js';
import type { Head } from './head.js';
import type { Line } from './lines.js';
import { isSealed, readLink } from './record.js';
import { isSummary, unrecordedIn } from './summary.js';

/**
 * `changed`: a line is not what a hash says; `removed`: records are missing; `reordered`: a record stands in another
 * place; `added`: one too many; `not JSON`: a line is no record. The others break no chain: `torn` is what a crash left
 * of a line, `notice` what the log says of itself.
 */
export type What = 'changed' | 'removed' | 'reordered' | 'added' | 'not JSON' | 'torn' | 'notice';
export type Report = (what: What, line: number, detail: string) => void;

/** `origin` says where it was kept. */
export type KeptHead = Head & { origin: string };
type Gap = { from: number; to: number; line: number; report: Report };

/** Gaps that may be open at a time; before more, the oldest is taken for removed. */
const MAX_GAPS = 1000;

export class Chain {
  readonly #kept = new Map<number, KeptHead[]>();
  #gaps: Gap[] = [];
  /** Lines since the newest record that were changed or no records: they may account for records that are missing. */
  #damaged = 0;
  #records = 0;
  #summarised = 0;

  constructor(
    /** What the first record follows; undefined when what was before has been put away. */
    private tip: Head | undefined,
    /** Heads kept earlier: the chain must hold each of these records. */
    kept: readonly KeptHead[],
  ) {
    for (const head of kept) this.#kept.set(head.seq, [...(this.#kept.get(head.seq) ?? []), head]);
  }

  get head(): Head | undefined {
    return this.tip;
  }

  get records(): number {
    return this.#records;
  }

  /** Refusals that are counted in a summary and have no record of their own. */
  get summarised(): number {
    return this.#summarised;
  }

  /** `report` names the file of the line. */
  take({ text, number, ended }: Line, report: Report): void {
    if (!ended) {
      report('torn', number, 'the line has no end');
      return;
    }
    this.#records += 1;
    const link = text === undefined ? undefined : readLink(text);
    if (text === undefined || link === undefined || !isSealed(text, link.hash)) {
      this.#damaged += 1;
      if (link === undefined) report('not JSON', number, 'the line is no audit record');
      else report('changed', number, 'the line is not what its hash says');
      return;
    }
    for (const { hash, origin } of this.#kept.get(link.seq) ?? []) {
      if (hash === link.hash) continue;
      report('changed', number, `record ${link.seq} is another one than ${origin} knows`);
    }
    if (this.tip !== undefined && link.seq <= this.tip.seq) this.#late(link.seq, number, report);
    else this.#next(link, number, report);
    if (isSummary(link.summary)) this.#summarised += unrecordedIn(link.summary);
    if (link.kind === 'log' && isRecord(link.notice)) report('notice', number, JSON.stringify(link.notice));
  }

  /** After the last line: what is missing now is missing. */
  end(line: number, report: Report): void {
    for (const gap of this.#gaps) reportGap(gap);
    if (this.tip === undefined) return;
    // Damaged lines at the end are taken for the ones that were there.
    const last = this.tip.seq + this.#damaged;
    for (const [seq, [first]] of this.#kept) {
      if (seq <= last) continue;
      report('removed', line, `the log ends with record ${this.tip.seq}; ${first?.origin} knows ${seq}`);
    }
  }

  #next({ seq, prev, hash }: Head & { prev: string }, line: number, report: Report): void {
    const next = this.tip === undefined ? seq : this.tip.seq + 1;
    const missing = seq - next - this.#damaged;
    if (missing > 0) this.#open({ from: seq - missing, to: seq - 1, line, report });
    if (seq === next && this.tip !== undefined && prev !== this.tip.hash) {
      report('changed', line, 'the record before is not the one that this one follows');
    }
    this.#damaged = 0;
    this.tip = { seq, hash };
  }

  /** A record that should have come earlier: one of those that are missing, or one too many. */
  #late(seq: number, line: number, report: Report): void {
    const gap = this.#gaps.find(({ from, to }) => seq >= from && seq <= to);
    if (gap === undefined) {
      report('added', line, `record ${seq} is there already`);
      return;
    }
    report('reordered', line, `record ${seq} stands after record ${this.tip?.seq}`);
    const before = { ...gap, to: seq - 1 };
    const after = { ...gap, from: seq + 1 };
    const left = [before, after].filter(({ from, to }) => from <= to);
    this.#gaps.splice(this.#gaps.indexOf(gap), 1, ...left);
  }

  #open(gap: Gap): void {
    this.#gaps.push(gap);
    if (this.#gaps.length <= MAX_GAPS) return;
    const oldest = this.#gaps.shift();
    if (oldest !== undefined) reportGap(oldest);
  }
}

function reportGap({ from, to, line, report }: Gap): void {
  report('removed', line, from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`);
}
