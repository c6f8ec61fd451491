/**
 * Values on their way in and out, the same for both engines: parameters become text, and the text that PostgreSQL
 * prints becomes JSON values as `ResultSet` (database.ts) promises. How much of an answer is kept is decided here too.
 */
import { type Column, type ResultSet, SqlRefused } from './database.js';
import { readJson } from './json-text.js';

export type Cells = readonly (string | null)[];
export type Field = { name: string; oid: number };

/**
 * Settings under which a value is printed and a text is read; each session of either engine starts with them.
 * pg_catalog stands first, so that nothing in `demo` can take the place of a built-in function.
 */
export const SESSION_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO,MDY'],
  ['IntervalStyle', 'postgres'],
  ['extra_float_digits', '1'],
  ['bytea_output', 'hex'],
  ['standard_conforming_strings', 'on'],
  ['search_path', 'pg_catalog,demo'],
  ['work_mem', '8MB'],
];

export function toParam(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Takes rows while they fit; a row that does not fit is dropped with all that follow it. */
export class Rows {
  readonly kept: Cells[] = [];
  truncated = false;
  #bytes = 0;

  constructor(
    readonly maxRows: number = Number.POSITIVE_INFINITY,
    readonly maxBytes: number = Number.POSITIVE_INFINITY,
  ) {}

  add(cells: Cells): void {
    if (this.truncated) return;
    // What the row takes on the wire, so that a thousand columns of nothing count as well.
    let size = 7;
    for (const cell of cells) size += 4 + (cell === null ? 0 : Buffer.byteLength(cell));
    this.#bytes += size;
    if (this.kept.length >= this.maxRows || this.#bytes > this.maxBytes) this.cut();
    else this.kept.push(cells);
  }

  /** Whatever else the database sends is not wanted. */
  cut(): void {
    this.truncated = true;
    if (this.kept.length === 0 && this.maxRows > 0) {
      throw new SqlRefused(
        `one row of the answer is larger than ${this.maxBytes} bytes; select fewer columns or shorten them with left()`,
      );
    }
  }
}

type Reader = (text: string) => unknown;

const finite: Reader = (text) => {
  const number = Number(text);
  // JSON knows no NaN and no Infinity.
  return Number.isFinite(number) ? number : text;
};
const READERS = new Map<number, Reader>([
  [16, (text) => text === 't'],
  [21, Number],
  [23, Number],
  [700, finite],
  [701, finite],
  [114, readJson],
  [3802, readJson],
]);

/** Names of types by OID, for the life of a database. */
export class TypeNames {
  readonly #known = new Map<number, string>([
    [16, 'boolean'],
    [20, 'bigint'],
    [21, 'smallint'],
    [23, 'integer'],
    [25, 'text'],
    [114, 'json'],
    [701, 'double precision'],
    [1009, 'text[]'],
    [1184, 'timestamp with time zone'],
    [1700, 'numeric'],
    [3802, 'jsonb'],
  ]);

  /** `ask` runs one statement and gives its rows. */
  async columns(
    fields: readonly Field[],
    ask: (sql: string, params: Cells) => Promise<readonly Cells[]>,
  ): Promise<Column[]> {
    const unknown = fields.map(({ oid }) => oid).filter((oid) => !this.#known.has(oid));
    if (unknown.length > 0) {
      const sql =
        'SELECT oid, pg_catalog.format_type(oid, NULL) FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS t (oid)';
      for (const [oid, name] of await ask(sql, [`{${[...new Set(unknown)].join(',')}}`])) {
        this.#known.set(Number(oid), name ?? 'unknown');
      }
    }
    return fields.map(({ name, oid }) => ({ name, type: this.#known.get(oid) ?? 'unknown' }));
  }
}

export function toResult(columns: Column[], fields: readonly Field[], rows: Rows): ResultSet {
  const readers = fields.map(({ oid }) => READERS.get(oid));
  return {
    columns,
    rows: rows.kept.map((cells) =>
      cells.map((cell, at) => {
        const reader = readers[at];
        return cell === null || reader === undefined ? cell : reader(cell);
      }),
    ),
    truncated: rows.truncated,
  };
}
