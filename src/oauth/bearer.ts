/**
 * The access token as it stands in a request's head. It comes in one `Authorization: Bearer` header and in no other
 * way; what it is worth is the verifier's business.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#token-requirements
 */
import { TokenRefused } from './token-refused.js';

export type Bearer =
  | { kind: 'token'; token: string }
  /** Nothing that is meant as a token: the challenge then names no error (RFC 6750, section 3.1). */
  | { kind: 'none'; why: string }
  /** A request that is wrong whatever its token is worth: 400 (2026-07-28/authorization/047). */
  | { kind: 'malformed'; why: string };

/** With `b64token` of RFC 6750, section 2.1. Read in one go, for every request has one. */
const BEARER = /^[ \t]*bearer +([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;

/** @throws TokenRefused when there is a token that cannot be one. */
export function readBearer(rawHeaders: readonly string[], target: string): Bearer {
  // Query strings end up in logs and histories, so not even a good token counts there (2026-07-28/authorization/033).
  if (queryOf(target)?.has('access_token') === true) {
    return {
      kind: 'malformed',
      why: 'a token in the query string is refused; send it as Authorization: Bearer',
    };
  }
  let given: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    // node shows only the first of several, and another reader on the way may have gone by the last.
    if (name === undefined || name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (given !== undefined)
      return { kind: 'malformed', why: 'expected one Authorization header, received two' };
    given = rawHeaders[at + 1] ?? '';
  }
  if (given === undefined) return { kind: 'none', why: 'no access token was sent' };
  const token = BEARER.exec(given)?.[1];
  if (token !== undefined) return { kind: 'token', token };
  const [scheme = '', ...rest] = given.trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer')
    return { kind: 'none', why: 'expected "Authorization: Bearer", received another scheme' };
  if (rest.length === 0) return { kind: 'none', why: 'no access token stands behind "Bearer"' };
  throw new TokenRefused('malformed', 'the token has characters that no token has (RFC 6750, section 2.1)');
}

/** Parameters by the names that a form reader sees, however they are encoded. */
function queryOf(target: string): URLSearchParams | undefined {
  const at = target.indexOf('?');
  return at === -1 ? undefined : new URLSearchParams(target.slice(at + 1));
}
