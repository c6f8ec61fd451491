/** All places are taken: a refusal that says when to come back. */
import { Fault } from '../fault.js';

const RETRY_AFTER_S = 10;

export function busy(detail: string): Fault {
  return new Fault('busy', detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
}
