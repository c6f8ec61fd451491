/** What is said beside the lines of an event stream, and the clauses of single error codes. */
import { FAULTS } from '../../wire/fault.js';
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';

/** By the name of the field; a comment has none. */
export const EVENT_LINES: NoteRows = {
  data: {
    what: 'one event holds one message; lines that begin with data: are its text',
    elsewhere: 'HTML, section 9.2.5',
    file: 'src/wire/http/stream.ts',
    at: 'function sseFrame',
  },
  id: {
    what: 'names the event, to come back after it',
    legacy: `${L}/transports/045`,
    file: 'src/wire/http/event-log.ts',
    at: '#frame(place',
  },
  retry: {
    what: 'when a client that lost the stream may come back, milliseconds',
    legacy: `${L}/transports/024`,
    file: 'src/wire/http/event-log.ts',
    at: 'prime(retryMs',
  },
  '': {
    what: 'a comment, so that nobody takes a quiet stream for a dead one',
    modern: `${M}/streamable-http/024`,
    file: 'src/wire/http/stream.ts',
    at: '#keepAlive(): void',
  },
};

/** What a code is called stands in the one table of refusals. */
export const CODES: { readonly [code: string]: string } = {
  [FAULTS.methodNotFound.code]: `${M}/streamable-http/034`,
  [FAULTS.headerMismatch.code]: `${M}/streamable-http/071`,
  [FAULTS.missingCapability.code]: `${M}/basic/062`,
  [FAULTS.unsupportedVersion.code]: `${M}/versioning/001`,
  [FAULTS.unauthorized.code]: `${M}/authorization/045`,
  [FAULTS.forbidden.code]: `${M}/authorization/046`,
  [FAULTS.quotaSpent.code]: `${M}/tools/038`,
};
