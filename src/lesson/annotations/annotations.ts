/** Finds the note for a request line, a status, a header, a member of a body or a line of an event stream. */
import { FAULTS } from '../../wire/fault.js';
import type { Era } from '../../wire/revisions.js';
import { CODES, EVENT_LINES } from './events.js';
import { type Note, type NoteRow, type NoteRows, noteOf } from './note.js';
import { REQUEST_MEMBERS } from './request-body.js';
import { REQUEST_HEADERS, REQUEST_LINES } from './request-head.js';
import { RESPONSE_MEMBERS } from './response-body.js';
import { RESPONSE_HEADERS, STATUS } from './response-head.js';

export type Side = 'request' | 'response';

export function requestLineNote(method: string, discovery: boolean, era: Era): Note | undefined {
  return noteIn(REQUEST_LINES, discovery && method !== 'OPTIONS' ? 'discovery' : method, era);
}

export function statusNote(status: number, era: Era): Note | undefined {
  return noteIn(STATUS, String(status), era);
}

export function headerNote(side: Side, name: string, era: Era): Note | undefined {
  const key = name.toLowerCase().replace(/^(mcp-param-|access-control-).*/, '$1*');
  return noteIn(side === 'request' ? REQUEST_HEADERS : RESPONSE_HEADERS, key, era);
}

export function memberNote(side: Side, path: readonly string[], value: unknown, era: Era): Note | undefined {
  const key = path.join(' ');
  if (side === 'response' && key === 'error code') return codeNote(value, era);
  return noteIn(side === 'request' ? REQUEST_MEMBERS : RESPONSE_MEMBERS, key, era);
}

export function eventNote(field: string, era: Era): Note | undefined {
  return noteIn(EVENT_LINES, field, era);
}

function codeNote(value: unknown, era: Era): Note | undefined {
  const general = noteIn(RESPONSE_MEMBERS, 'error code', era);
  const row = Object.values(FAULTS).find(({ code }) => code === value);
  if (row === undefined) return general;
  const clause = CODES[String(value)];
  const source = clause === undefined ? { elsewhere: row.spec } : { clause };
  return { what: row.title, file: 'src/wire/fault.ts', ...source };
}

function noteIn(rows: NoteRows, key: string, era: Era): Note | undefined {
  const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
  return row && noteOf(row, era);
}

/** Every row, so that a test can check its clauses and files. */
export const NOTE_ROWS: readonly NoteRow[] = [
  ...[REQUEST_LINES, REQUEST_HEADERS, STATUS, RESPONSE_HEADERS],
  ...[REQUEST_MEMBERS, RESPONSE_MEMBERS, EVENT_LINES],
].flatMap((rows) => Object.values(rows));
