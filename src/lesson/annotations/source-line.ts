/** Finds lines of the source, if the source is next to the running program. */
import { readFileSync } from 'node:fs';
import { ROOT } from '../files.js';

const files = new Map<string, string[]>();

/** The number of the first line that contains the text; undefined if there is none, or no source. */
export function lineOf(file: string, text: string): number | undefined {
  const at = linesOf(file).findIndex((line) => line.includes(text));
  return at < 0 ? undefined : at + 1;
}

function linesOf(file: string): string[] {
  let lines = files.get(file);
  if (lines !== undefined) return lines;
  lines = [];
  try {
    lines = readFileSync(`${ROOT}${file}`, 'utf8').split('\n');
  } catch {
    // An installed package has no source.
  }
  files.set(file, lines);
  return lines;
}
