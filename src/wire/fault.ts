/**
 * Every refusal this project can make, one row each: HTTP status, JSON-RPC code, title and a link to the text that requires it.
 * No other file contains a `-32...` number.
 */
import { type DenialReason, denialData } from './denial.js';
import { preview } from './value.js';

const JSON_RPC = 'https://www.jsonrpc.org/specification#error_object';
const MODERN = 'https://modelcontextprotocol.io/specification/2026-07-28';
const LEGACY = 'https://modelcontextprotocol.io/specification/2025-11-25';
const SESSIONS = `${LEGACY}/basic/transports#session-management`;
const ERROR_CODES = `${MODERN}/basic/index#error-codes`;
const VALIDATION = `${MODERN}/basic/transports/streamable-http#server-validation`;
const SECURITY = `${MODERN}/basic/transports/streamable-http#security--endpoint`;
const SENDING = `${MODERN}/basic/transports/streamable-http#sending-messages`;
const HTTP = 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5';
const AUTHORIZATION = `${MODERN}/basic/authorization/index#error-handling`;

/**
 * `legacyStatus` is set where the eras differ. Some clients of the revisions before 2026-07-28 treat any status outside 2xx as a
 * broken transport and end the whole session: the Python client 1.x, and anything built on it, fails or hangs in every later
 * call. So a legacy request gets an error status only where the status tells the client what to do: 401, and 403 with a
 * challenge, which start OAuth for another token; 404 for a session that has ended; and whatever was not a valid message. Where
 * only a person or time can help (an approval, a quota, a busy server, one that cannot reach what it needs), or nothing can, the
 * JSON-RPC error goes in band with HTTP 200. The caller still gets its message, the scopes, the approval page and the seconds to
 * wait, and the session goes on. Notifications and GETs have no answer to carry an error, so they keep their status in both eras.
 *
 * `reason` is for programs (denial.ts), and `retryAfterS` says when to try again; a refusal may override both.
 */
type Row = {
  status: number;
  legacyStatus?: number;
  code: number;
  title: string;
  spec: string;
  reason?: DenialReason;
  retryAfterS?: number;
};

/** Waiting helps. */
const LATER = { status: 503, legacyStatus: 200, code: 503, spec: HTTP } as const;

export const FAULTS = {
  parseError: { status: 400, code: -32700, title: 'Parse error', spec: JSON_RPC },
  invalidRequest: { status: 400, code: -32600, title: 'Invalid Request', spec: JSON_RPC },
  methodNotFound: { status: 404, legacyStatus: 200, code: -32601, title: 'Method not found', spec: JSON_RPC },
  // In band: we understood the message; only its content is wrong. Incomplete `_meta` is the one exception.
  invalidParams: { status: 200, code: -32602, title: 'Invalid params', spec: JSON_RPC },
  incompleteMeta: { status: 400, code: -32602, title: 'Invalid params', spec: `${MODERN}/basic/index#_meta` },
  // Only up to 2025-11-25; 2026-07-28 forbids the code (2026-07-28/basic/022).
  resourceNotFound: {
    status: 200,
    code: -32002,
    title: 'Resource not found',
    spec: `${LEGACY}/server/resources#error-handling`,
  },
  internalError: { status: 500, legacyStatus: 200, code: -32603, title: 'Internal error', spec: JSON_RPC },
  headerMismatch: { status: 400, code: -32020, title: 'Header mismatch', spec: VALIDATION },
  missingCapability: { status: 400, code: -32021, title: 'Missing client capability', spec: ERROR_CODES },
  unsupportedVersion: { status: 400, code: -32022, title: 'Unsupported protocol version', spec: ERROR_CODES },

  // Our own codes stay outside JSON-RPC's reserved range (2026-07-28/basic/025).
  cancelled: { status: 200, code: 499, title: 'Cancelled', spec: `${MODERN}/basic/patterns/cancellation` },
  stopping: { ...LATER, title: 'Stopping', reason: 'stopping', retryAfterS: 5 },
  busy: { ...LATER, title: 'Busy', reason: 'busy', retryAfterS: 10 },
  unavailable: { ...LATER, title: 'Unavailable', reason: 'unavailable', retryAfterS: 5 },

  // Another token helps, so both carry a challenge.
  unauthorized: {
    status: 401,
    code: 401,
    title: 'Unauthorized',
    spec: AUTHORIZATION,
    reason: 'invalid_token',
  },
  insufficientScope: {
    status: 403,
    code: 403,
    title: 'Forbidden',
    spec: AUTHORIZATION,
    reason: 'insufficient_scope',
  },
  // Only a person can help, or nobody: an approval is missing or was refused, a server is switched off, a policy rule says no.
  forbidden: {
    status: 403,
    legacyStatus: 200,
    code: 403,
    title: 'Forbidden',
    spec: AUTHORIZATION,
    reason: 'denied_by_policy',
  },
  quotaSpent: {
    status: 429,
    legacyStatus: 200,
    code: 429,
    title: 'Quota spent',
    spec: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
    reason: 'quota_spent',
    retryAfterS: 10,
  },
  badAuthorization: { status: 400, code: -32600, title: 'Bad authorization', spec: AUTHORIZATION },

  sessionRequired: { status: 400, code: -32600, title: 'Session required', spec: SESSIONS },
  sessionNotFound: { status: 404, code: -32600, title: 'Session not found', spec: SESSIONS },

  // Refused before any message was read: the body is a JSON-RPC error without an id.
  foreignOrigin: {
    status: 403,
    code: -32600,
    title: 'Forbidden origin',
    spec: SECURITY,
    reason: 'foreign_origin',
  },
  foreignHost: { status: 403, code: -32600, title: 'Forbidden host', spec: SECURITY, reason: 'foreign_host' },
  badHttp: { status: 400, code: -32600, title: 'Bad request', spec: HTTP },
  notFound: { status: 404, code: -32600, title: 'Not found', spec: SENDING },
  methodNotAllowed: { status: 405, code: -32600, title: 'Method not allowed', spec: SENDING },
  notAcceptable: { status: 406, code: -32600, title: 'Not acceptable', spec: SENDING },
  requestTimeout: { status: 408, code: -32600, title: 'Request timeout', spec: HTTP },
  bodyTooLarge: { status: 413, code: -32600, title: 'Content too large', spec: HTTP },
  unsupportedMediaType: { status: 415, code: -32600, title: 'Unsupported media type', spec: HTTP },
  versionNotSupported: {
    status: 505,
    code: -32600,
    title: 'HTTP version not supported',
    spec: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.6',
  },
  expectationFailed: { status: 417, code: -32600, title: 'Expectation failed', spec: HTTP },
  headersTooLarge: {
    status: 431,
    code: -32600,
    title: 'Request header fields too large',
    spec: 'https://www.rfc-editor.org/rfc/rfc6585#section-5',
  },
} as const satisfies Record<string, Row>;

/** We never send this code: 2025-11-25 has it for a call whose user must visit a page first, and 2026-07-28 forbids it. */
export const URL_ELICITATION_REQUIRED = -32042;
/** The codes that JSON-RPC reserves, and those of them that only the MCP specification may define. */
export const RESERVED_CODES = { jsonRpc: [-32768, -32000], mcp: [-32099, -32020] } as const;

export type FaultName = keyof typeof FAULTS;

type FaultOptions = {
  data?: unknown;
  cause?: unknown;
  headers?: { [name: string]: string };
  /** Overrides the row's reason. */
  reason?: DenialReason;
  /** Overrides the row's seconds until the same request may be sent again. */
  retryAfterS?: number;
};

/** A refusal. Its message is for the caller: it names the field and the expected value, never a secret. */
export class Fault extends Error {
  override readonly name: FaultName;
  readonly code: number;
  readonly spec: string;
  /** The message without its title. */
  readonly detail: string;
  /** The `data` member of the JSON-RPC error, if any. */
  readonly data: unknown;
  /** HTTP headers of this refusal, such as `retry-after`. */
  readonly headers: { [name: string]: string } | undefined;

  constructor(name: FaultName, detail: string, options: FaultOptions = {}) {
    const row: Row = FAULTS[name];
    super(`${row.title}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    const { reason = row.reason, retryAfterS = row.retryAfterS, data, headers } = options;
    this.name = name;
    this.code = row.code;
    this.detail = detail;
    this.spec = row.spec;
    const denial = reason && denialData(reason, data, retryAfterS);
    this.data = denial ?? data;
    // `retry-after: 0` would say nothing.
    const wait = denial?.retryAfter || undefined;
    this.headers = wait === undefined ? headers : { ...headers, 'retry-after': String(wait) };
  }

  /** The HTTP status for a client of that era. */
  status(era: 'modern' | 'legacy'): number {
    const row: Row = FAULTS[this.name];
    return era === 'legacy' ? (row.legacyStatus ?? row.status) : row.status;
  }

  /** Whether this refusal goes in band to a legacy client but as a status to a modern one. */
  get inBand(): boolean {
    return this.status('legacy') !== this.status('modern');
  }
}

export function invalidParams(detail: string, data?: unknown): Fault {
  return new Fault('invalidParams', detail, { data });
}

/** For example: `params.uri must be a string, received 1`. */
export function mustBe(field: string, expected: string, received: unknown): Fault {
  return invalidParams(`${field} must be ${expected}, received ${preview(received)}`);
}
