/** What goes wrong without anybody waiting for it: on stderr, one line, and of a trouble that lasts one now and then. */

import { now } from '../wire/clock.js';
import { throttledLog } from './throttled-log.js';

export const warnings = throttledLog((error, about) => console.error(`${about}: ${reasons(error)}`), now);

function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  const own = error.message || code;
  return error.cause === undefined ? own : `${own}: ${reasons(error.cause)}`;
}
