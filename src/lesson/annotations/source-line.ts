/** Where in the source something is handled, as long as the source lies beside the program that runs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The same three folders up from `src/lesson/annotations` and from `dist/lesson/annotations`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const files = new Map<string, string[]>();

/** The number of the first line that holds the text; undefined when there is none, or no source. */
export function lineOf(file: string, text: string): number | undefined {
  const at = linesOf(file).findIndex((line) => line.includes(text));
  return at < 0 ? undefined : at + 1;
}

function linesOf(file: string): string[] {
  const known = files.get(file);
  if (known !== undefined) return known;
  let lines: string[] = [];
  try {
    lines = readFileSync(`${ROOT}${file}`, 'utf8').split('\n');
  } catch {
    // An installation has what was built, and not what from.
  }
  files.set(file, lines);
  return lines;
}
