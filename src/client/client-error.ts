/** Everything that can go wrong for a client, as one type: a `kind` for programs, and a sentence that a person can act on. */
import type { JsonObject } from '../wire/value.js';

export type ClientErrorKind =
  | 'rpc' // The server answered with a JSON-RPC error: `code` and `data`.
  | 'http' // A status that says nothing in JSON-RPC: `status`.
  | 'unauthorized' // 401 or 403, and there is no token that helps: `status` and `challenges`.
  | 'redirect' // Another address: `location`. It is not followed, because a token is for one server.
  | 'html' // A page for browsers: the address is not that of an MCP server.
  | 'tls' // TLS failed, mostly over the certificate.
  | 'dns'
  | 'unreachable' // Nothing listens, or no route leads there.
  | 'proxy'
  | 'timeout'
  | 'closed' // The connection or the process ended before the answer.
  | 'protocol' // The bytes are not HTTP, not JSON, or not MCP.
  | 'too-large'
  | 'version' // The two sides have no revision in common.
  | 'session' // A legacy session is over, and another one was of no use.
  | 'cancelled' // The caller gave up, or the server cancelled the task.
  | 'output' // The result of a tool does not match the tool's own output schema: `result`.
  | 'usage'; // What the caller asked for cannot be sent.

export type ClientErrorDetails = {
  code?: number | undefined;
  data?: unknown;
  status?: number;
  challenges?: readonly string[];
  location?: string;
  /** What the server returned, where it is of use in spite of the error. */
  result?: JsonObject;
  cause?: unknown;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const CONTROL = /[\x00-\x1f\x7f-\x9f]+/g;

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: number | undefined;
  readonly data: unknown;
  readonly status: number | undefined;
  readonly challenges: readonly string[];
  readonly location: string | undefined;
  readonly result: JsonObject | undefined;

  constructor(
    readonly kind: ClientErrorKind,
    message: string,
    { cause, code, data, status, challenges = [], location, result }: ClientErrorDetails = {},
  ) {
    // Part of it may be a stranger's text, and it may go to a terminal.
    super(message.replace(CONTROL, ' '), cause === undefined ? undefined : { cause });
    this.code = code;
    this.data = data;
    this.status = status;
    this.challenges = challenges;
    this.location = location;
    this.result = result;
  }
}

/** The other side breaks the protocol. */
export function violation(message: string): ClientError {
  return new ClientError('protocol', message);
}
