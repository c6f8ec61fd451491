/** How many files one log keeps open: few of those that the process may open, for the others are needed by connections. */
import { readFileSync } from 'node:fs';

const LIMIT = 'Max open files ';
const PART = 8;
const MOST = 1024;
/** A process that may open 1,024 has this share; also where the system does not say. */
const USUAL = 128;

export function mostOpen(limits = '/proc/self/limits'): number {
  let text = '';
  try {
    text = readFileSync(limits, 'utf8');
  } catch {
    // Not Linux.
  }
  // Node has raised what counts, the first number, to what is allowed, the second.
  const line = text.split('\n').find((one) => one.startsWith(LIMIT)) ?? '';
  const may = /^(\d+|unlimited) /.exec(line.slice(LIMIT.length).trimStart())?.[1];
  if (may === undefined) return USUAL;
  return may === 'unlimited' ? MOST : Math.max(1, Math.min(MOST, Math.floor(Number(may) / PART)));
}
