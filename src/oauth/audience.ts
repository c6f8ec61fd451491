/**
 * Whom a token is for. Two resource identifiers are the same when their scheme and host agree in any case, their port
 * agrees once the scheme's own is left out, and path and query agree character by character. The one slash that means
 * nothing is that of a bare origin: `http://h` is `http://h/`, but `http://h/mcp/` is another resource than
 * `http://h/mcp`, and so is everything below it. An identifier with a fragment or a user is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#canonical-server-uri
 */
import { isRecord, shorten } from '../wire/value.js';
import { TokenRefused } from './token-refused.js';

// Read by hand: a URL parser would also mend backslashes, dot segments and blanks, and so accept what nobody issued.
const RESOURCE = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^:@/?#[\]\\]+)(?::(\d*))?(\/[^?#]*)?(\?[^#]*)?$/i;
const PRINTABLE = /^[!-~]+$/;
const OWN_PORT = new Map([
  ['http', '80'],
  ['https', '443'],
]);

/** The one spelling of a resource identifier, or undefined when the text is none. */
export function canonicalResource(text: string): string | undefined {
  const found = PRINTABLE.test(text) ? RESOURCE.exec(text) : null;
  if (found === null) return undefined;
  const [, scheme = '', host = '', port = '', path = '/', query = ''] = found;
  const said = scheme.toLowerCase();
  const shown = port === '' || port === OWN_PORT.get(said) ? '' : `:${port}`;
  return `${said}://${host.toLowerCase()}${shown}${path}${query}`;
}

/**
 * Holds when one of the token's audiences is this resource.
 *
 * @throws TokenRefused
 */
export function checkAudience(aud: unknown, resource: string): void {
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isText)) {
    throw new TokenRefused('claims', `expected "aud" ${resource}, received ${quoted(aud)}`);
  }
  const expected = canonicalResource(resource);
  if (!audiences.some((one) => expected !== undefined && canonicalResource(one) === expected)) {
    throw new TokenRefused('audience', `expected "aud" ${resource}, received ${quoted(aud)}`);
  }
}

/** For the log: what was received, with nothing that could break a line, and not too much of it. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  return shorten(JSON.stringify(isRecord(value) ? Object.keys(value) : value), 300);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
