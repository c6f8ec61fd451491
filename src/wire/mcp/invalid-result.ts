/**
 * What a handler handed over and no client can be given: not JSON, or not what its method returns. The caller learns that the
 * handler failed; the log gets one line that says what came, where in it, and what to return instead.
 */
import { NotJson } from '../jsonrpc/json-text.js';

export class InvalidResult extends Error {
  override readonly name = 'InvalidResult';

  /** `owner` is the tool, prompt or resource, and `did` how it handed the value over; `pointer` leads into the value. */
  constructor(owner: string, pointer: string, received: string, advice: string, did = 'returned') {
    super(`${owner} ${did} ${received}${pointer === '' ? '' : ` at ${pointer}`}; ${advice}`);
    // The stack shows this library's own frames, and the log is one line.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The same error, or the InvalidResult that a NotJson amounts to; `pointer` leads to the value that has no JSON. */
export function asInvalid(error: unknown, owner: string, pointer = '', did?: string): unknown {
  return error instanceof NotJson
    ? new InvalidResult(owner, pointer + error.pointer, error.received, error.advice, did)
    : error;
}
