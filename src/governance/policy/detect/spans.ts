/**
 * Finds places in a text by a table of patterns, and replaces them. All detectors are rows of such tables: in secrets.ts,
 * assignments.ts, addresses.ts and numbers.ts.
 */

/** The text from `start` to `end` is to be replaced by `marker`. */
export type Span = { start: number; end: number; marker: string };

export type Row = {
  marker: string;
  /**
   * Global. Its groups `before` and `after` are context and stay in the text. Every repetition has a bound, or cannot begin inside
   * itself, so that the time is linear.
   */
  pattern: RegExp;
  /** A cheap pattern without which the other cannot match. */
  needs?: RegExp;
  /** Other bounds or another marker for a match; undefined rejects it. Nothing before `minStart` may be replaced. */
  judge?: (match: RegExpExecArray, minStart: number) => Partial<Span> | undefined;
};

const NONE: readonly Span[] = [];

/** What any of the rows finds, in the order of the text, without overlaps. */
export function findSpans(text: string, rows: readonly Row[]): readonly Span[] {
  let spans: Span[] | undefined;
  let isOrdered = true;
  for (const { marker, pattern, needs, judge } of rows) {
    if (needs !== undefined && !needs.test(text)) continue;
    pattern.lastIndex = 0;
    let minStart = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const bounds = judge === undefined ? undefined : judge(match, minStart);
      if (judge !== undefined && bounds === undefined) continue;
      const { before = '', after = '' } = match.groups ?? {};
      const start = match.index + before.length;
      const span = { start, end: match.index + match[0].length - after.length, marker, ...bounds };
      if (span.start < minStart || span.end <= span.start) continue;
      spans ??= [];
      isOrdered &&= spans.length === 0 || minStart > 0;
      spans.push(span);
      minStart = span.end;
      if (pattern.lastIndex < minStart) pattern.lastIndex = minStart;
    }
  }
  return spans === undefined ? NONE : isOrdered ? spans : joinOverlaps(spans);
}

function joinOverlaps(spans: Span[]): readonly Span[] {
  const apart: Span[] = [];
  for (const span of spans.sort((one, other) => one.start - other.start || other.end - one.end)) {
    const last = apart.at(-1);
    if (last === undefined || span.start >= last.end) apart.push(span);
    else if (span.end > last.end) last.end = span.end;
  }
  return apart;
}

export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let replaced = '';
  let copiedEnd = 0;
  for (const { start, end, marker } of spans) {
    replaced += text.slice(copiedEnd, start) + marker;
    copiedEnd = end;
  }
  return replaced + text.slice(copiedEnd);
}
