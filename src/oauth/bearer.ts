/**
 * Reads the access token from a request's headers. It comes in one `Authorization: Bearer` header and in no other way.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#token-requirements
 */
import { InvalidToken } from './token-errors.js';

export type Bearer =
  | { kind: 'token'; token: string }
  /** No token was sent, so the challenge names no error (RFC 6750, section 3.1). */
  | { kind: 'none'; why: string }
  /** The request is wrong with any token: 400 (2026-07-28/authorization/047). */
  | { kind: 'malformed'; why: string };

/** `b64token` of RFC 6750, section 2.1. One expression, because it runs for every request. */
const BEARER = /^[ \t]*bearer +([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;

/** @throws InvalidToken when the token has characters that no token has */
export function readBearer(rawHeaders: readonly string[], target: string): Bearer {
  // Query strings end up in logs and histories, so even a valid token is refused there (2026-07-28/authorization/033).
  if (queryOf(target)?.has('access_token') === true) {
    return {
      kind: 'malformed',
      why: 'a token in the query string is refused; send it as Authorization: Bearer',
    };
  }
  let credentials: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    // node:http shows only the first of several, and a proxy may have read the last.
    if (name === undefined || name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (credentials !== undefined)
      return { kind: 'malformed', why: 'expected one Authorization header, received two' };
    credentials = rawHeaders[at + 1] ?? '';
  }
  if (credentials === undefined) return { kind: 'none', why: 'no access token was sent' };
  const token = BEARER.exec(credentials)?.[1];
  if (token !== undefined) return { kind: 'token', token };
  const [scheme = '', ...rest] = credentials.trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer')
    return { kind: 'none', why: 'expected "Authorization: Bearer", received another scheme' };
  if (rest.length === 0) return { kind: 'none', why: 'no access token stands behind "Bearer"' };
  throw new InvalidToken('malformed', 'the token has characters that no token has (RFC 6750, section 2.1)');
}

/** Decoded, so that an encoded parameter name is found too. */
function queryOf(target: string): URLSearchParams | undefined {
  const at = target.indexOf('?');
  return at === -1 ? undefined : new URLSearchParams(target.slice(at + 1));
}
