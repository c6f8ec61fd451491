/**
 * The query of a list, read and refused as the official registry does: 400 for an invalid value, 422 for one that does not
 * fit a parameter's type or bounds. An empty parameter counts as absent.
 */

/** A refusal in the official API. */
export class OfficialError extends Error {
  override readonly name = 'OfficialError';

  constructor(
    readonly status: 400 | 404 | 422,
    message: string,
  ) {
    super(message);
  }
}

/** The server and version after which a list continues. */
export type Cursor = { name: string; version: string };

export type ListParameters = {
  cursor: Cursor | undefined;
  limit: number;
  /** In lower case. */
  search: string;
  /** Only what was updated after this time, in milliseconds. */
  updatedSince: number | undefined;
  version: string | undefined;
  includeDeleted: boolean;
};

const DEFAULT_LIMIT = 30;
const MAX_LIMIT = 100;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** @throws OfficialError */
export function readParameters(query: URLSearchParams): ListParameters {
  const textOf = (name: string) => query.get(name) || undefined;
  const cursor = readCursor(textOf('cursor'));
  const limit = readLimit(textOf('limit'));
  const updatedSince = readTime(textOf('updated_since'));
  const includeDeleted = readIncludeDeleted(query);
  // A mirror that asks for news must learn what is gone.
  if (updatedSince !== undefined && includeDeleted === false)
    throw new OfficialError(400, 'include_deleted=false does not go with updated_since');
  return {
    cursor,
    limit,
    search: (textOf('search') ?? '').toLowerCase(),
    updatedSince,
    version: textOf('version'),
    includeDeleted: includeDeleted ?? updatedSince !== undefined,
  };
}

/** Undefined when absent. @throws OfficialError */
export function readIncludeDeleted(query: URLSearchParams): boolean | undefined {
  const text = query.get('include_deleted') ?? '';
  if (text === '') return undefined;
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw new OfficialError(422, 'include_deleted must be true or false');
}

/** The next page starts after this server and version, whatever was added or removed meanwhile. No name has a colon. */
export function cursorOf({ name, version }: Cursor): string {
  return Buffer.from(`${name}:${version}`).toString('base64url');
}

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [name = '', ...rest] = Buffer.from(text, 'base64url').toString('utf8').split(':');
  const cursor = { name, version: rest.join(':') };
  // Decoding skips invalid characters, so only a cursor that was made here encodes to the same text.
  if (rest.length > 0 && cursorOf(cursor) === text) return cursor;
  throw new OfficialError(400, 'cursor must be a nextCursor that was given here');
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new OfficialError(422, `limit must be a whole number from 1 to ${MAX_LIMIT}`);
}

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  const time = year === undefined ? Number.NaN : Date.parse(text);
  // Date.parse takes 30 February for a day in March.
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (!Number.isNaN(time) && Number(day) <= lastDay) return time;
  throw new OfficialError(400, 'updated_since must be an RFC 3339 time, such as 2026-08-07T13:15:04Z');
}
