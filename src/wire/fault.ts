/**
 * Every refusal this project can make, one row each: HTTP status, JSON-RPC code, title and a link to the text that requires it.
 * No other file contains a `-32...` number.
 */

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
 */
type Row = { status: number; legacyStatus?: number; code: number; title: string; spec: string };

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
  stopping: { status: 503, legacyStatus: 200, code: 503, title: 'Stopping', spec: HTTP },

  // Waiting helps.
  busy: { status: 503, legacyStatus: 200, code: 503, title: 'Busy', spec: HTTP },
  unavailable: { status: 503, legacyStatus: 200, code: 503, title: 'Unavailable', spec: HTTP },

  // Another token helps, so both carry a challenge.
  unauthorized: { status: 401, code: 401, title: 'Unauthorized', spec: AUTHORIZATION },
  insufficientScope: { status: 403, code: 403, title: 'Forbidden', spec: AUTHORIZATION },
  // Only a person can help, or nobody: an approval is missing or was refused, a server is switched off, a policy rule says no.
  forbidden: { status: 403, legacyStatus: 200, code: 403, title: 'Forbidden', spec: AUTHORIZATION },
  quotaSpent: {
    status: 429,
    legacyStatus: 200,
    code: 429,
    title: 'Quota spent',
    spec: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
  },
  badAuthorization: { status: 400, code: -32600, title: 'Bad authorization', spec: AUTHORIZATION },

  sessionRequired: { status: 400, code: -32600, title: 'Session required', spec: SESSIONS },
  sessionNotFound: { status: 404, code: -32600, title: 'Session not found', spec: SESSIONS },

  // Refused before any message was read: the body is a JSON-RPC error without an id.
  foreignOrigin: { status: 403, code: -32600, title: 'Forbidden origin', spec: SECURITY },
  foreignHost: { status: 403, code: -32600, title: 'Forbidden host', spec: SECURITY },
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

/** A code that we never send: 2025-11-25 has it, for a call that needs a page to be visited first, and 2026-07-28 forbids it. */
export const URL_ELICITATION_REQUIRED = -32042;
/** The codes that JSON-RPC reserves, and those among them that only the specification of MCP may define. */
export const RESERVED_CODES = { jsonRpc: [-32768, -32000], mcp: [-32099, -32020] } as const;

export type FaultName = keyof typeof FAULTS;

export type FaultOptions = { data?: unknown; cause?: unknown; headers?: { [name: string]: string } };

/** A refusal. Its message may be shown to the caller: it names the field and what was expected, never a secret. */
export class Fault extends Error {
  override readonly name: FaultName;
  readonly code: number;
  readonly spec: string;
  /** The message without its title. */
  readonly detail: string;
  /** The `data` member of the JSON-RPC error, where the row has one. */
  readonly data: unknown;
  /** HTTP headers that go with this refusal, such as `retry-after`; other transports cannot carry them. */
  readonly headers: { [name: string]: string } | undefined;

  constructor(name: FaultName, detail: string, options: FaultOptions = {}) {
    const row: Row = FAULTS[name];
    super(`${row.title}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.code = row.code;
    this.detail = detail;
    this.spec = row.spec;
    this.data = options.data;
    this.headers = options.headers;
  }

  /** The HTTP status of this refusal for a client of that era. */
  status(era: 'modern' | 'legacy'): number {
    const row: Row = FAULTS[this.name];
    return era === 'legacy' ? (row.legacyStatus ?? row.status) : row.status;
  }

  /** Whether this refusal goes in band to a legacy client but as a status to a modern one. */
  get inBand(): boolean {
    return this.status('legacy') !== this.status('modern');
  }

  /** The `data` of the JSON-RPC error. In band it also holds the seconds to wait: no client reads `retry-after` on a 200. */
  dataFor(era: 'modern' | 'legacy'): unknown {
    const seconds = this.headers?.['retry-after'];
    if (era === 'modern' || !this.inBand || seconds === undefined) return this.data;
    return { ...(typeof this.data === 'object' ? this.data : {}), retryAfter: Number(seconds) };
  }
}
