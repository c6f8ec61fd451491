/** Where a detector has found something, and texts with these places replaced. */

/** What stands from `start` to `end` is to be replaced by `marker`. */
export type Span = { start: number; end: number; marker: string };

/** Spans in the order of the text, none over another. */
export type Find = (text: string) => readonly Span[];

const NONE: readonly Span[] = [];

/** A span for each match; `judge` may give other bounds, or undefined for a match that is nothing. */
export function matches(
  text: string,
  pattern: RegExp,
  marker: string,
  judge?: (match: RegExpExecArray) => Partial<Span> | undefined,
): readonly Span[] {
  pattern.lastIndex = 0;
  let found = pattern.exec(text);
  if (found === null) return NONE;
  const spans: Span[] = [];
  let done = 0;
  for (; found !== null; found = pattern.exec(text)) {
    const given = judge === undefined ? {} : judge(found);
    if (given === undefined) continue;
    const span = { start: found.index, end: found.index + found[0].length, marker, ...given };
    if (span.start < done || span.end <= span.start) continue;
    spans.push(span);
    done = span.end;
    if (pattern.lastIndex < done) pattern.lastIndex = done;
  }
  return spans;
}

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
