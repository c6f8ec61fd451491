/** What the tools that stand on the database share: reading one answer, and writing a time as ISO 8601. */
import type { ResultSet } from '../database/database.js';

/** SQL for a timestamptz as text in UTC, such as 2026-01-31T14:30:00Z. */
export function isoTime(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/** PostgreSQL's text holds every character but NUL, so nothing of that name is there. */
export function storable(text: string): boolean {
  return !text.includes('\0');
}

export function firstRow({ rows }: ResultSet): readonly unknown[] | undefined {
  return rows[0];
}

/** The first column, of which the statement says that it is text. */
export function texts({ rows }: ResultSet): string[] {
  return rows.map(([value]) => String(value));
}

/** Enough names to find the right one by, and a count of those left out. */
export function listed(names: readonly string[], atMost = 50): string {
  const shown = names.slice(0, atMost).join(', ');
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}
