/** Notes for the lines of an event stream, and the clauses of single error codes. */
import { FAULTS } from '../../wire/fault.js';
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';

/** By the name of the field; a comment has no name. */
export const EVENT_LINES: NoteRows = {
  data: {
    what: 'one event carries one message; its text is in the lines that begin with data:',
    elsewhere: 'HTML, section 9.2.5',
    source: ['src/wire/http/stream.ts', 'function sseFrame'],
  },
  id: {
    what: 'names the event, so that a client can resume after it',
    legacy: `${L}/transports/045`,
    source: ['src/wire/http/event-log.ts', '#frame(place'],
  },
  retry: {
    what: 'how many milliseconds to wait before reconnecting',
    legacy: `${L}/transports/024`,
    source: ['src/wire/http/event-log.ts', 'prime(retryMs'],
  },
  '': {
    what: 'a comment, to show that a quiet stream is still alive',
    modern: `${M}/streamable-http/024`,
    source: ['src/wire/http/stream.ts', '#keepAlive(): void'],
  },
};

/** The names of the codes are in the table of refusals. */
export const CODES: { readonly [code: string]: string } = {
  [FAULTS.methodNotFound.code]: `${M}/streamable-http/034`,
  [FAULTS.headerMismatch.code]: `${M}/streamable-http/071`,
  [FAULTS.missingCapability.code]: `${M}/basic/062`,
  [FAULTS.unsupportedVersion.code]: `${M}/versioning/001`,
  [FAULTS.unauthorized.code]: `${M}/authorization/045`,
  [FAULTS.forbidden.code]: `${M}/authorization/046`,
  [FAULTS.quotaSpent.code]: `${M}/tools/038`,
};
