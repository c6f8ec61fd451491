/**
 * What a list is asked with, read and refused as the official registry does: 400 for what is wrong in itself, 422 for
 * what does not fit a parameter's type or bounds. A parameter that is empty counts as absent.
 */

/** The server and the version after which a list goes on. */
export type Cursor = { name: string; version: string };

export type ListParameters = {
  cursor?: Cursor;
  limit: number;
  /** In lower case. */
  search: string;
  /** In milliseconds; only what was updated after it. */
  updatedSince?: number;
  version?: string;
  includeDeleted: boolean;
};

export type ParameterProblem = { kind: 'refused'; status: 400 | 422; detail: string };
type Read<Value> = { kind: 'read'; value: Value } | ParameterProblem;

const DEFAULT_LIMIT = 30;
const MAX_LIMIT = 100;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function readParameters(query: URLSearchParams): Read<ListParameters> {
  const cursor = readCursor(query.get('cursor') ?? '');
  if (cursor.kind === 'refused') return cursor;
  const limit = readLimit(query.get('limit') ?? '');
  if (limit.kind === 'refused') return limit;
  const since = readTime(query.get('updated_since') ?? '');
  if (since.kind === 'refused') return since;
  const deleted = readIncludeDeleted(query);
  if (deleted.kind === 'refused') return deleted;
  // Whoever asks what is new must hear of what is gone.
  if (since.value !== undefined && deleted.value === false)
    return refused(400, 'include_deleted=false does not go with updated_since');
  const version = query.get('version') ?? '';
  const value: ListParameters = {
    ...(cursor.value && { cursor: cursor.value }),
    limit: limit.value,
    search: (query.get('search') ?? '').toLowerCase(),
    ...(since.value === undefined ? {} : { updatedSince: since.value }),
    ...(version === '' ? {} : { version }),
    includeDeleted: since.value !== undefined || deleted.value === true,
  };
  return { kind: 'read', value };
}

/** Undefined where it is not said. */
export function readIncludeDeleted(query: URLSearchParams): Read<boolean | undefined> {
  const text = query.get('include_deleted') ?? '';
  if (text === '') return { kind: 'read', value: undefined };
  if (/^(true|1)$/i.test(text)) return { kind: 'read', value: true };
  if (/^(false|0)$/i.test(text)) return { kind: 'read', value: false };
  return refused(422, 'include_deleted must be true or false');
}

/** Where a list ended, so that the next goes on there whatever has come and gone meanwhile. No name has a colon. */
export function cursorOf({ name, version }: Cursor): string {
  return Buffer.from(`${name}:${version}`).toString('base64url');
}

function readCursor(text: string): Read<Cursor | undefined> {
  if (text === '') return { kind: 'read', value: undefined };
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  const colon = decoded.indexOf(':');
  const cursor = { name: decoded.slice(0, colon), version: decoded.slice(colon + 1) };
  // Decoding passes over what it does not know, so only what was made here comes out as it went in.
  if (colon < 0 || cursorOf(cursor) !== text)
    return refused(400, 'cursor must be a nextCursor that was given here');
  return { kind: 'read', value: cursor };
}

function readLimit(text: string): Read<number> {
  if (text === '') return { kind: 'read', value: DEFAULT_LIMIT };
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT)
    return refused(422, `limit must be a whole number from 1 to ${MAX_LIMIT}`);
  return { kind: 'read', value: limit };
}

function readTime(text: string): Read<number | undefined> {
  if (text === '') return { kind: 'read', value: undefined };
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  const time = year === undefined ? Number.NaN : Date.parse(text);
  // Date.parse takes 30 February for a day in March.
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number.isNaN(time) || Number(day) > last)
    return refused(400, 'updated_since must be an RFC 3339 time, such as 2026-08-07T13:15:04Z');
  return { kind: 'read', value: time };
}

function refused(status: 400 | 422, detail: string): ParameterProblem {
  return { kind: 'refused', status, detail };
}
