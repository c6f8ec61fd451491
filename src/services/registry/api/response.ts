/**
 * Responses of the API: JSON, or a problem document that names the field, the expected and the received
 * value.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
import { StateUnavailable } from '../../../cluster/shared-state.js';
import { Fault } from '../../../wire/fault.js';
import { http } from '../../../wire/http/node-http.js';
import { preview } from '../../../wire/value.js';
import { RequestError } from '../user-input.js';

/** The status of a RequestError by its kind. */
export const REQUEST_ERROR_STATUS = { unknown: 404, invalid: 400, conflict: 409 } as const;

type Headers = { [name: string]: string };
export type ApiResponse = { status: number; body?: object; type?: string; headers?: Headers };

export function ok(body: object, headers: Headers = {}): ApiResponse {
  return { status: 200, body, headers };
}

export function problem(
  status: number,
  detail: string,
  more: { field?: string | undefined; headers?: Headers | undefined } = {},
): ApiResponse {
  const { field, headers = {} } = more;
  const title = http.STATUS_CODES[status] ?? 'Error';
  const body = { title, status, detail, ...(field === undefined ? {} : { field }) };
  return { status, body, type: 'application/problem+json', headers };
}

export function faultResponse(fault: Fault): ApiResponse {
  return problem(fault.status('modern'), fault.message, { headers: fault.headers });
}

/** Undefined for an error that is a bug in this program. */
export function errorResponse(error: unknown): ApiResponse | undefined {
  if (error instanceof Fault) return faultResponse(error);
  if (error instanceof StateUnavailable)
    return problem(503, error.message, { headers: { 'retry-after': '2' } });
  if (!(error instanceof RequestError)) return undefined;
  const { kind, message, field } = error;
  return problem(REQUEST_ERROR_STATUS[kind], message, { field });
}

/** @throws RequestError */
export function invalid(field: string, expected: string, received: unknown): never {
  throw new RequestError('invalid', `${field}: expected ${expected}, received ${preview(received)}`, field);
}
