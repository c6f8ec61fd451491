/** Why there is no token, in words for a person at a terminal. Text from a server is quoted and made harmless. */
import * as oauth from 'oauth4webapi';
import { shorten } from '../../wire/value.js';

const MAX_QUOTED = 300;
const MAX_CAUSES = 8;

export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';

  constructor(
    message: string,
    /** The `error` of an OAuth response. */
    readonly code?: string,
    options?: ErrorOptions,
  ) {
    super(harmless(message), options);
  }
}

/** Only printable ASCII, and our ellipsis: an issuer is a stranger's text, and a URL parser reads past what moves a cursor. */
export function harmless(text: string): string {
  return text.replace(/[^\x20-\x7e…]/gu, '?');
}

/** Text from a server, as RFC 6749 (section 5.2) permits it: printable ASCII without quotes and backslashes. */
export function quoted(text: unknown): string {
  if (typeof text !== 'string') return 'nothing';
  return `"${shorten(text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?'), MAX_QUOTED)}"`;
}

/** `what` failed: "registration at https://…". */
export function toAuthorizationError(what: string, error: unknown): AuthorizationError {
  if (error instanceof AuthorizationError) return error;
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
    return oauthError(what, error.error, error.error_description);
  const status = error instanceof Error && error.cause instanceof Response ? error.cause.status : undefined;
  const why = status === undefined ? reasonOf(error) : `it answered with status ${status}`;
  return new AuthorizationError(`${what} failed: ${why}`, undefined, { cause: error });
}

export function oauthError(what: string, code: unknown, description: unknown): AuthorizationError {
  const more = typeof description === 'string' && description !== '' ? `, ${quoted(description)}` : '';
  const name = typeof code === 'string' ? code : undefined;
  return new AuthorizationError(`${what} was refused: ${quoted(code)}${more}`, name);
}

/** The innermost cause says most: "connect ECONNREFUSED 127.0.0.1:3003" rather than "fetch failed". */
function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  // An error may be its own cause.
  for (let at = error, depth = 0; at instanceof Error && depth < MAX_CAUSES; at = at.cause, depth += 1) {
    const { code } = at as NodeJS.ErrnoException;
    const text = at.message === '' ? code : at.message;
    if (text !== undefined && text !== 'fetch failed') reasons.push(text);
  }
  const [first = String(error)] = reasons;
  const last = reasons.at(-1) ?? first;
  return first === last ? first : `${first} (${last})`;
}
