/** Finds code that waits for a time and not for a condition, as one pure function over a tree `{ path: text }`. Comments do not count. */
import { readSource } from './source.js';

/** Also in strings: some hold the code of a process that a test starts. */
const PAUSE =
  /(?<![.\w])(?:globalThis\.)?setTimeout\b|\btimers\/promises\b|\bwaitForTimeout\b|\bAtomics\.wait\b|\bscheduler\.wait\b|\bsleep \d/;

/** A file or a folder, how many lines of it may have a pause or a deadline, and why. `any` is for what measures times. */
export type Allowed = readonly [path: string, lines: number | 'any', why: string];

/** Each as one sentence that begins with the file and the line; also what is allowed and does not exist any more. */
export function pausesIn(tree: Record<string, string>, allowed: readonly Allowed[]): string[] {
  const counts = new Map(allowed.map(([path]) => [path, 0]));
  const found: string[] = [];
  for (const [path, text] of Object.entries(tree)) {
    const entry = allowed.find(([name]) => path === name || (name.endsWith('/') && path.startsWith(name)));
    for (const [at, line] of readSource(text).code.split('\n').entries()) {
      const pause = PAUSE.exec(line)?.[0];
      if (pause === undefined) continue;
      if (entry === undefined) found.push(`${path}:${at + 1} waits for a time: ${pause}`);
      else counts.set(entry[0], (counts.get(entry[0]) ?? 0) + 1);
    }
  }
  for (const [path, lines] of allowed) {
    const count = counts.get(path) ?? 0;
    if (lines === 'any' ? count === 0 : count !== lines)
      found.push(`${path} has ${count} lines that wait for a time, and ${lines} are allowed`);
  }
  return found;
}
