/**
 * Answers of the API: JSON, and what went wrong as a problem document that names the field, what was expected and what came.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
import { STATUS_CODES } from 'node:http';
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { Fault } from '../../../wire/fault.js';
import { preview } from '../../../wire/value.js';
import { RequestError } from '../user-input.js';

export type ApiResponse = {
  status: number;
  body?: object;
  type?: string;
  headers?: { [name: string]: string };
};

export type Problem = { title: string; status: number; detail: string; field?: string };

export function ok(body: object, headers?: { [name: string]: string }): ApiResponse {
  return { status: 200, body, ...(headers && { headers }) };
}

export function problem(
  status: number,
  detail: string,
  more: { field?: string; headers?: ApiResponse['headers'] } = {},
): ApiResponse {
  const { field, headers } = more;
  const body: Problem = {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(field === undefined ? {} : { field }),
  };
  return { status, body, type: 'application/problem+json', ...(headers && { headers }) };
}

export function faultAnswer(fault: Fault): ApiResponse {
  const { headers } = fault;
  return problem(fault.status('modern'), fault.message, headers && { headers });
}

const STATUS = { unknown: 404, invalid: 400, conflict: 409 };

/** Undefined for what is no refusal but a mistake of this program. */
export function refusalAnswer(error: unknown): ApiResponse | undefined {
  if (error instanceof Fault) return faultAnswer(error);
  if (error instanceof StateUnavailable)
    return problem(503, error.message, { headers: { 'retry-after': '2' } });
  if (!(error instanceof RequestError)) return undefined;
  const { kind, message, field } = error;
  return problem(STATUS[kind], message, field === undefined ? {} : { field });
}

/** @throws Refused */
export function invalid(field: string, expected: string, received: unknown): never {
  throw new RequestError('invalid', `${field}: expected ${expected}, received ${preview(received)}`, field);
}
