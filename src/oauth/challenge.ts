/**
 * The refusals that tell a client what to do next: get a token, get another one, get one with more scopes. One builder
 * for all, so that the `WWW-Authenticate` header and the JSON-RPC error's `data` cannot tell different stories.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#error-handling
 */
import { Fault, type FaultName } from '../wire/fault.js';
import { type JsonObject, shorten } from '../wire/value.js';
import type { TokenRefused } from './token-refused.js';

/** Parameters of the challenge, in the order in which they are written. */
type Facts = {
  error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  error_description?: string;
  scope?: string;
  resource_metadata: string;
};

/** Characters. A policy engine's reason may be long, and proxies take heads of 4 KiB. */
const MAX_DESCRIPTION = 1_000;

export class Challenges {
  /** `scopes` are what a client should ask for at first (2026-07-28/authorization/014). */
  constructor(
    readonly resourceMetadata: string,
    readonly scopes: readonly string[],
  ) {}

  /** 401: nothing was sent, so there is no error to name. */
  missing(why: string): Fault {
    return this.#fault('unauthorized', `${why}; resource_metadata says where to get one`, {});
  }

  /** 401: a token was sent, and another one is needed. */
  invalid(refused: TokenRefused): Fault {
    return this.#fault('unauthorized', refused.publicMessage, { error: 'invalid_token' }, refused);
  }

  /**
   * 403: all scopes that this very operation needs, at once (2026-07-28/authorization/050, /052). `approval` stands beside
   * the facts of the challenge: where a person can approve the call itself, another token is only the second way.
   */
  insufficient(scopes: readonly string[], reason: string, approval?: JsonObject): Fault {
    const facts = { error: 'insufficient_scope' as const, scope: scopes.join(' ') };
    if (approval === undefined) return this.#fault('insufficientScope', reason, facts);
    return this.#fault('forbidden', reason, facts, undefined, { approval });
  }

  /** 400: no token could make this request right. */
  malformed(why: string): Fault {
    return this.#fault('badAuthorization', why, { error: 'invalid_request' });
  }

  #fault(name: FaultName, detail: string, given: Partial<Facts>, cause?: Error, more?: JsonObject): Fault {
    const { error, scope = this.scopes.join(' ') } = given;
    const facts: Facts = {
      ...(error === undefined ? {} : { error, error_description: shorten(detail, MAX_DESCRIPTION) }),
      ...(scope === '' ? {} : { scope }),
      resource_metadata: this.resourceMetadata,
    };
    const data = more === undefined ? facts : { ...facts, ...more };
    return new Fault(name, detail, { data, headers: { 'www-authenticate': written(facts) }, cause });
  }
}

function written(facts: Facts): string {
  const params = Object.entries(facts).map(([name, value]) => `${name}="${quoted(value)}"`);
  return `Bearer ${params.join(', ')}`;
}

// A quoted-string (RFC 9110, section 5.6.4) that fits RFC 6750's narrower alphabet: no quotes, no backslashes, ASCII only.
function quoted(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
}
