/** What the demo company's rows are made with: cells, times, choices, and the INSERT that holds them. */
import type { Random } from './random.js';
import { TEAMS } from './words.js';

export type Cell = string | number | null | readonly string[];

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** The demo company's "now": nothing in it happened later, except that people are on call until the end of 2029. */
export const NOW = Date.UTC(2026, 10, 1);

export function insert(table: string, rows: readonly (readonly Cell[])[]): string {
  return `INSERT INTO demo.${table} VALUES\n${rows.map((row) => `(${row.map(literal).join(',')})`).join(',\n')};\n`;
}

function literal(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return `'${cell.replaceAll("'", "''")}'`;
  return `'{${cell.join(',')}}'`;
}

/** `count` different members of `from`, in the order in which they were drawn. */
export function some<T>(random: Random, from: readonly T[], count: number): T[] {
  const drawn = new Set<T>();
  while (drawn.size < count) drawn.add(random.pick(from));
  return [...drawn];
}

export const time = (millis: number) => new Date(millis).toISOString();
export const two = (number: number) => String(number).padStart(2, '0');
export const teamName = (index: number) => TEAMS[index] ?? 'Platform';
