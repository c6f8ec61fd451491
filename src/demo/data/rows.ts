/** Builds the demo company's rows: reproducible random choices, cells, times, and the INSERT that contains them. */
import { TEAMS } from './words.js';

export type Cell = string | number | null | readonly string[];

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** The demo company's "now". Nothing happened later, except that people are on call until the end of 2029. */
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

/** Draws `count` different members of `from`. */
export function drawSome<T>(random: Random, from: readonly T[], count: number): T[] {
  const members = new Set<T>();
  while (members.size < count) members.add(random.pick(from));
  return [...members];
}

export const isoTime = (millis: number) => new Date(millis).toISOString();
export const twoDigits = (number: number) => String(number).padStart(2, '0');
export const teamName = (index: number) => TEAMS[index] ?? 'Platform';

export type Random = {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
};

/** mulberry32: the same numbers on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[int(0, from.length - 1)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
  };
}
