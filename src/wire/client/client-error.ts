/** Everything that can go wrong for a client, as one type: a `kind` for programs, and a sentence that a person can act on. */
import type { JsonObject } from '../value.js';

export type ClientErrorKind =
  /** The server answered with a JSON-RPC error: `code` and `data`. */
  | 'rpc'
  /** An HTTP status that says nothing in JSON-RPC: `status`. */
  | 'http'
  /** 401 or 403, and there is no token that helps: `status` and `challenges`. */
  | 'unauthorized'
  /** Another address: `location`. Redirects are not followed, because a token is for one server. */
  | 'redirect'
  /** A page for browsers: the address is not that of an MCP server. */
  | 'html'
  /** TLS failed, mostly over the certificate. */
  | 'tls'
  | 'dns'
  /** Nobody listens, or no route leads there. */
  | 'unreachable'
  | 'proxy'
  | 'timeout'
  /** The connection or the process ended before the answer. */
  | 'closed'
  /** The bytes are not HTTP, not JSON, or not MCP. */
  | 'protocol'
  | 'too-large'
  /** The two sides have no revision in common. */
  | 'version'
  /** A legacy session is over. The client opens another one; this shows where that does not help. */
  | 'session'
  /** The caller gave up, or the server cancelled the task. */
  | 'cancelled'
  /** The result of a tool does not match the tool's own output schema: `result`. */
  | 'output'
  /** What the caller asked for cannot be sent. */
  | 'usage';

export type ClientErrorDetails = {
  code?: number;
  data?: unknown;
  status?: number;
  challenges?: readonly string[];
  location?: string;
  result?: JsonObject;
  cause?: unknown;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const CONTROL = /[\x00-\x1f\x7f-\x9f]+/g;

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly kind: ClientErrorKind;
  /** The code of a JSON-RPC error that the server sent. */
  readonly code: number | undefined;
  readonly data: unknown;
  readonly status: number | undefined;
  readonly challenges: readonly string[];
  readonly location: string | undefined;
  /** What the server returned, where it is of use in spite of the error. */
  readonly result: JsonObject | undefined;

  constructor(kind: ClientErrorKind, message: string, details: ClientErrorDetails = {}) {
    // Part of it may be a stranger's text, and it may go to a terminal.
    super(message.replace(CONTROL, ' '), details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = details.code;
    this.data = details.data;
    this.status = details.status;
    this.challenges = details.challenges ?? [];
    this.location = details.location;
    this.result = details.result;
  }
}

const CERTIFICATES: { [code: string]: string } = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this machine',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'a certificate in its chain is self-signed',
  UNABLE_TO_GET_ISSUER_CERT: 'nobody whom this machine trusts issued its certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody whom this machine trusts issued its certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the certificates between its own and a trusted one',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};
/** With these, a certificate of one's own can be trusted. */
const TRUSTABLE = /SELF_SIGNED|UNABLE_TO/;

const UNREACHABLE: { [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no route leads there',
  EHOSTDOWN: 'the host is down',
  ETIMEDOUT: 'it did not accept the connection in time',
};

/** What node:net, node:tls or node:http report, for `url`. `proxy` is the one that this machine is set up for, if any. */
export function connectionError(cause: unknown, url: URL, proxy?: string): ClientError {
  if (cause instanceof ClientError) return cause;
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
  const fail = (kind: ClientErrorKind, reason: string): ClientError =>
    new ClientError(kind, `${url.origin}: ${reason}`, { cause });
  const indirect = proxy === undefined ? '' : `; this machine uses the proxy ${proxy}, this client does not`;

  const certificate = CERTIFICATES[code];
  if (certificate !== undefined) {
    const remedy = TRUSTABLE.test(code)
      ? '; to trust it, name its authority in NODE_EXTRA_CA_CERTS=file.pem'
      : '';
    return fail('tls', `cannot trust the server: ${certificate}${remedy}`);
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || /wrong version number|packet length too long/.test(message))
    return fail('tls', 'the server does not speak TLS there; try http:// instead of https://');
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'))
    return fail('tls', `TLS failed: ${message}`);
  if (code === 'ENOTFOUND') return fail('dns', `no such host: ${url.hostname}${indirect}`);
  if (code === 'EAI_AGAIN') return fail('dns', `the name ${url.hostname} cannot be looked up now${indirect}`);
  const unreachable = UNREACHABLE[code];
  if (unreachable !== undefined) return fail('unreachable', `${unreachable}${indirect}`);
  if (code === 'HPE_HEADER_OVERFLOW') return fail('too-large', 'the header of the answer is too large');
  if (code.startsWith('HPE_')) {
    const hint = url.protocol === 'http:' ? '; it may want https://' : '';
    return fail('protocol', `the answer is not HTTP (${message.replace(/^Parse Error: /, '')})${hint}`);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return fail('closed', 'the server closed the connection before it answered');
  return fail('closed', `the connection failed: ${message}`);
}
