/**
 * Checks that a token is for this server. Two resource identifiers are the same when scheme and host agree in any case,
 * the ports agree after the scheme's default port is left out, and path and query agree character by character. Only the
 * slash of a bare origin means nothing: `http://h` is `http://h/`, but `http://h/mcp/` and everything below it are other
 * resources than `http://h/mcp`. A text with a fragment or a user is not an identifier.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#canonical-server-uri
 */
import { isRecord, shorten } from '../wire/value.js';
import { InvalidToken } from './token-errors.js';

// A URL parser would also repair backslashes, dot segments and blanks, and so accept what no issuer wrote.
const RESOURCE = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^:@/?#[\]\\]+)(?::(\d*))?(\/[^?#]*)?(\?[^#]*)?$/i;
const PRINTABLE = /^[!-~]+$/;
const DEFAULT_PORTS = new Map([
  ['http', '80'],
  ['https', '443'],
]);

/** The canonical spelling, or undefined when the text is not a resource identifier. */
export function canonicalResource(text: string): string | undefined {
  const match = PRINTABLE.test(text) ? RESOURCE.exec(text) : null;
  if (match === null) return undefined;
  const [, scheme = '', host = '', port = '', path = '/', query = ''] = match;
  const protocol = scheme.toLowerCase();
  const suffix = port === '' || port === DEFAULT_PORTS.get(protocol) ? '' : `:${port}`;
  return `${protocol}://${host.toLowerCase()}${suffix}${path}${query}`;
}

/** @throws InvalidToken unless one of the token's audiences is this resource */
export function checkAudience(aud: unknown, resource: string): void {
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isText)) {
    throw new InvalidToken('claims', `expected "aud" ${resource}, received ${describe(aud)}`);
  }
  const expected = canonicalResource(resource);
  if (!audiences.some((one) => expected !== undefined && canonicalResource(one) === expected)) {
    throw new InvalidToken('audience', `expected "aud" ${resource}, received ${describe(aud)}`);
  }
}

/** A received value for the log: on one line, shortened, and only the names of an object's members. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  return shorten(JSON.stringify(isRecord(value) ? Object.keys(value) : value), 300);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
