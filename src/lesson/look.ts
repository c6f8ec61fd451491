/**
 * How text looks on this terminal: its width, and colors by meaning, so that a caller says what a thing is, not how it looks.
 * Wraps prose.
 */
import type { Look as TraceLook } from './trace/terminal.js';

const CODES = { title: 1, quiet: 2, good: 32, decided: 33, wrong: 31, rule: 36 } as const;

export type Style = keyof typeof CODES;
export type Paint = (style: Style, text: string) => string;
/** `maxLines` is the length of a message that is shown; `shownNotes` has the notes that were shown before. */
export type Look = { width: number; paint: Paint; maxLines?: number; shownNotes?: Set<string> };

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => (text === '' ? '' : `\x1b[${CODES[style]}m${text}\x1b[0m`);

const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 20;
const MAX_WIDTH = 240;
/** Lines longer than this are hard to read. */
const MAX_PROSE = 100;
const MAX_RULE = 120;

/** How text looks on `stream`. Only a terminal gets colors, and none if NO_COLOR is set (https://no-color.org). */
export function lookOf(
  stream: { isTTY?: boolean; columns?: number },
  { NO_COLOR, COLUMNS }: { readonly [name: string]: string | undefined },
): Look {
  const terminal = stream.isTTY === true;
  const columns = (terminal ? stream.columns : Number(COLUMNS)) ?? 0;
  const width = Math.min(columns > MIN_WIDTH ? columns : DEFAULT_WIDTH, MAX_WIDTH);
  return { width, paint: terminal && (NO_COLOR ?? '') === '' ? coloured : plain };
}

/** As the trace looks there. */
export function traceLook({ width, paint, ...more }: Look): TraceLook {
  return { columns: width, color: paint !== plain, folds: true, ...more };
}

/** The text is one paragraph. Lines after the first begin with `indent`, or else as the first. */
export function wrapProse(text: string, width: number, first = '', indent = first): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > Math.min(width, MAX_PROSE)) {
      lines.push(line);
      line = indent + word;
    } else line = empty ? line + word : `${line} ${word}`;
    empty = false;
  }
  return empty ? lines : [...lines, line];
}

/** A line across the terminal with a short text in it. */
export function ruleLine(text: string, { width, paint }: Look): string {
  return paint('rule', `── ${text} `.padEnd(Math.min(width, MAX_RULE), '─'));
}
