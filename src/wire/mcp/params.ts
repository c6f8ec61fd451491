/** Refuses what a request has in `params`: the field, what it must be, and what came. */
import { Fault } from '../fault.js';
import { preview } from '../value.js';

export function invalidParams(detail: string, data?: unknown): Fault {
  return new Fault('invalidParams', detail, { data });
}

/** `field` says where in the message: `params.uri` must be a string, received 1. */
export function mustBe(field: string, expected: string, received: unknown): Fault {
  return invalidParams(`${field} must be ${expected}, received ${preview(received)}`);
}
