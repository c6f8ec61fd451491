/**
 * Values on their way in and out, the same for both engines: parameters become text, and the text that PostgreSQL prints
 * becomes the JSON values that `ResultSet` (database.ts) promises. Rows are bounded here too.
 */
import { numberAt, survives } from '../../wire/jsonrpc/exact.js';
import { mayBeInexact } from '../../wire/jsonrpc/json.js';
import { endOfString } from '../../wire/jsonrpc/json-text.js';
import { type Column, type ResultSet, SqlRefused } from './database.js';

export type Cells = readonly (string | null)[];
export type Field = { name: string; oid: number };
/** Runs one statement by the extended protocol, with all values as text. Its rows go to `rows`. */
export type Query = (sql: string, params: Cells, rows: Rows) => Promise<Field[]>;

/**
 * Settings that decide how values are printed and read. Every session of either engine starts with them. pg_catalog comes
 * first, so that nothing in `demo` can replace a built-in function.
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

/** Collects rows while they fit. The first row that does not fit is dropped, with all that follow it. */
export class Rows {
  readonly cells: Cells[] = [];
  truncated = false;
  #bytes = 0;

  constructor(
    readonly maxRows: number = Number.POSITIVE_INFINITY,
    readonly maxBytes: number = Number.POSITIVE_INFINITY,
  ) {}

  add(row: Cells): void {
    if (this.truncated) return;
    // The size of the row's message, so that a thousand empty columns count as well.
    let size = 7;
    for (const cell of row) size += 4 + (cell === null ? 0 : Buffer.byteLength(cell));
    this.#bytes += size;
    if (this.cells.length >= this.maxRows || this.#bytes > this.maxBytes) this.cut();
    else this.cells.push(row);
  }

  /** No more rows are wanted. */
  cut(): void {
    this.truncated = true;
    if (this.cells.length === 0 && this.maxRows > 0) {
      throw new SqlRefused(
        `one row of the answer is larger than ${this.maxBytes} bytes; select fewer columns or shorten them with left()`,
      );
    }
  }
}

type Reader = (text: string) => unknown;

const finite: Reader = (text) => {
  const number = Number(text);
  // JSON has no NaN and no Infinity.
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

const NAME_TYPES =
  'SELECT oid, pg_catalog.format_type(oid, NULL) FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS t (oid)';

/** Names of types by OID, for the life of a database. */
export class TypeNames {
  readonly #names = new Map<number, string>();

  async columnsOf(fields: readonly Field[], session: { query: Query }): Promise<Column[]> {
    const unknownOids = fields.map(({ oid }) => oid).filter((oid) => !this.#names.has(oid));
    if (unknownOids.length > 0) {
      const rows = new Rows();
      await session.query(NAME_TYPES, [`{${[...new Set(unknownOids)].join(',')}}`], rows);
      for (const [oid, name] of rows.cells) this.#names.set(Number(oid), name ?? 'unknown');
    }
    return fields.map(({ name, oid }) => ({ name, type: this.#names.get(oid) ?? 'unknown' }));
  }
}

export function toResult(columns: Column[], fields: readonly Field[], rows: Rows): ResultSet {
  const readers = fields.map(({ oid }) => READERS.get(oid));
  return {
    columns,
    rows: rows.cells.map((cells) =>
      cells.map((cell, at) => {
        const reader = readers[at];
        return cell === null || reader === undefined ? cell : reader(cell);
      }),
    ),
    truncated: rows.truncated,
  };
}

/** Deeper values stay text: JSON.stringify recurses, and PostgreSQL takes thousands of levels. */
const MAX_DEPTH = 64;

/**
 * Parses what PostgreSQL prints of a json or jsonb value without losing digits. A number that a double cannot hold becomes
 * text, as in bigint and numeric columns. One that only looks different stays a number: 1.0 is 1.
 */
export function readJson(text: string): unknown {
  let depth = 0;
  let exact = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === ']' || character === '}') depth--;
    else if (character === '[' || character === '{') {
      depth++;
      if (depth > MAX_DEPTH) return text;
    } else if (startsNumber(character)) {
      const number = numberAt(text, at);
      if (mayBeInexact(number) && !survives(number)) {
        exact += `${text.slice(copied, at)}"${number}"`;
        copied = at + number.length;
      }
      at += number.length - 1;
    }
  }
  return JSON.parse(copied === 0 ? text : exact + text.slice(copied));
}

const startsNumber = (character = '') => character === '-' || (character >= '0' && character <= '9');
