/** The places in a text that a detector has found, and the text with these places replaced. */

/** The text from `start` to `end` is to be replaced by `marker`. */
export type Span = { start: number; end: number; marker: string };

/** Finds spans in the order of the text, without overlaps. */
export type Find = (text: string) => readonly Span[];

const NONE: readonly Span[] = [];

/** A span for each match; `judge` may return other bounds, or undefined to reject the match. */
export function matches(
  text: string,
  pattern: RegExp,
  marker: string,
  judge?: (match: RegExpExecArray) => Partial<Span> | undefined,
): readonly Span[] {
  pattern.lastIndex = 0;
  let match = pattern.exec(text);
  if (match === null) return NONE;
  const spans: Span[] = [];
  let done = 0;
  for (; match !== null; match = pattern.exec(text)) {
    const bounds = judge === undefined ? {} : judge(match);
    if (bounds === undefined) continue;
    const span = { start: match.index, end: match.index + match[0].length, marker, ...bounds };
    if (span.start < done || span.end <= span.start) continue;
    spans.push(span);
    done = span.end;
    if (pattern.lastIndex < done) pattern.lastIndex = done;
  }
  return spans;
}

/** The bounds of a group that ends `charsAfter` characters before the match. */
export function lastGroup(match: RegExpExecArray, group: number, charsAfter = 0) {
  const end = match.index + match[0].length - charsAfter;
  return { start: end - (match[group]?.length ?? 0), end };
}

export const byStart = (one: Span, other: Span): number => one.start - other.start;

export function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let replaced = '';
  let done = 0;
  for (const { start, end, marker } of spans) {
    replaced += text.slice(done, start) + marker;
    done = end;
  }
  return replaced + text.slice(done);
}
