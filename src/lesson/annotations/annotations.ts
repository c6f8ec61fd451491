/** Finds the note for a request line, a status, a header, a member of a body or a line of an event stream. */
import { FAULTS } from '../../wire/fault.js';
import type { Era } from '../../wire/revisions.js';
import { CODES, EVENT_LINES } from './events.js';
import { type Note, type NoteRow, type NoteRows, noteOf } from './note.js';
import { OAUTH_HEADERS, OAUTH_LINES, OAUTH_STATUS } from './oauth-head.js';
import { OAUTH_NAMES } from './oauth-names.js';
import { REQUEST_MEMBERS } from './request-body.js';
import { REQUEST_HEADERS, REQUEST_LINES } from './request-head.js';
import { RESPONSE_MEMBERS } from './response-body.js';
import { RESPONSE_HEADERS, STATUS } from './response-head.js';
import { WEB_HEADERS, WEB_LINES, WEB_STATUS, webLineKey } from './web.js';

export type Side = 'request' | 'response';
/** What is spoken: MCP of an era, OAuth, or plain HTTP beside MCP. */
export type Topic = Era | 'oauth' | 'web';

/** Headers of HTTP itself, whose notes hold for OAuth as well. */
const OF_HTTP =
  /^(connection|keep-alive|date|content-length|transfer-encoding|user-agent|vary|x-content-type-options|access-control-.*)$/;

export function requestLineNote(method: string, path: string, topic: Topic): Note | undefined {
  if (topic === 'oauth' && method !== 'OPTIONS') return noteIn(OAUTH_LINES, path.split('/')[1] ?? '', topic);
  if (topic === 'web' && method !== 'OPTIONS') return noteIn(WEB_LINES, webLineKey(method, path), topic);
  return noteIn(REQUEST_LINES, method, topic);
}

export function statusNote(status: number, topic: Topic): Note | undefined {
  if (topic === 'oauth') return noteIn(OAUTH_STATUS, String(status), topic);
  const own = topic === 'web' ? noteIn(WEB_STATUS, String(status), topic) : undefined;
  return own ?? noteIn(STATUS, String(status), topic);
}

export function headerNote(side: Side, name: string, topic: Topic): Note | undefined {
  const lower = name.toLowerCase();
  if (topic === 'oauth' && !OF_HTTP.test(lower)) return noteIn(OAUTH_HEADERS[side], lower, topic);
  const own = topic === 'web' ? noteIn(WEB_HEADERS[side], lower, topic) : undefined;
  if (own !== undefined) return own;
  const key = lower.replace(/^(mcp-param-|access-control-).*/, '$1*');
  return noteIn(side === 'request' ? REQUEST_HEADERS : RESPONSE_HEADERS, key, topic);
}

/** For a field of a form, or a parameter of an address. */
export function fieldNote(name: string): Note | undefined {
  return noteIn(OAUTH_NAMES, name, 'oauth');
}

export function memberNote(
  side: Side,
  path: readonly string[],
  value: unknown,
  era: Topic,
): Note | undefined {
  const key = path.join(' ');
  if (era === 'oauth') return fieldNote(key);
  // Only messages have these; the documents of other addresses have members of the same names.
  if (era === 'web' && (side === 'request' || ['id', 'method'].includes(key))) return undefined;
  if (side === 'response' && key === 'error code') return codeNote(value, era);
  return noteIn(side === 'request' ? REQUEST_MEMBERS : RESPONSE_MEMBERS, key, era);
}

export function eventNote(field: string, era: Topic): Note | undefined {
  return noteIn(EVENT_LINES, field, era);
}

function codeNote(value: unknown, era: Topic): Note | undefined {
  const general = noteIn(RESPONSE_MEMBERS, 'error code', era);
  const row = Object.values(FAULTS).find(({ code }) => code === value);
  if (row === undefined) return general;
  const clause = CODES[String(value)];
  const source = clause === undefined ? { elsewhere: row.spec } : { clause };
  return { what: row.title, file: 'src/wire/fault.ts', ...source };
}

function noteIn(rows: NoteRows, key: string, topic: Topic): Note | undefined {
  const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
  return row && noteOf(row, topic === 'legacy' ? 'legacy' : 'modern');
}

/** Every row, so that a test can check its clauses and files. */
export const NOTE_ROWS: readonly NoteRow[] = [
  ...[REQUEST_LINES, REQUEST_HEADERS, STATUS, RESPONSE_HEADERS],
  ...[REQUEST_MEMBERS, RESPONSE_MEMBERS, EVENT_LINES],
  ...[OAUTH_LINES, OAUTH_STATUS, OAUTH_HEADERS.request, OAUTH_HEADERS.response, OAUTH_NAMES],
  ...[WEB_LINES, WEB_STATUS, WEB_HEADERS.request, WEB_HEADERS.response],
].flatMap((rows) => Object.values(rows));
