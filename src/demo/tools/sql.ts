/** Helpers of the tools that use the database. */
import type { ResultSet } from '../database/database.js';

/** SQL for a timestamptz as text in UTC, such as 2026-01-31T14:30:00Z. */
export function isoTime(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/** PostgreSQL's text type holds every character but NUL. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** The values of the first column, which must be text. */
export function firstColumn({ rows }: ResultSet): string[] {
  return rows.map(([value]) => String(value));
}

/** The first names, and a count of the rest. */
export function listNames(names: readonly string[], atMost = 50): string {
  const list = names.slice(0, atMost).join(', ');
  return names.length > atMost ? `${list} and ${names.length - atMost} more` : list;
}
