/**
 * `WWW-Authenticate` challenges, which say what a client needs next: a token, another token, or one with more scopes. One
 * builder makes the header and the JSON-RPC error's `data`, so the two always agree.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index#error-handling
 */
import type { DenialReason } from '../wire/denial.js';
import { Fault, type FaultName } from '../wire/fault.js';
import { type JsonObject, shorten } from '../wire/value.js';
import type { InvalidToken } from './token-errors.js';

/** Parameters of the challenge, in the order in which they are written. */
type Parameters = {
  error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  error_description?: string;
  scope?: string;
  resource_metadata: string;
};

/** Characters. A policy engine's reason may be long, and proxies take heads of 4 KiB. */
const MAX_DESCRIPTION = 1_000;

export class Challenges {
  /** `scopes` are those that a client should request first (2026-07-28/authorization/014). */
  constructor(
    readonly resourceMetadata: string,
    public scopes: readonly string[],
  ) {}

  /** 401: no token was sent, so there is no error to name. */
  missing(why: string): Fault {
    return this.#fault(
      'unauthorized',
      `${why}; resource_metadata says where to get one`,
      {},
      { reason: 'missing_token' },
    );
  }

  /** 401: a token was sent, and another one is needed. */
  invalid(cause: InvalidToken): Fault {
    return this.#fault('unauthorized', cause.publicMessage, { error: 'invalid_token' }, { cause });
  }

  /**
   * 403: all scopes that this operation needs, at once (2026-07-28/authorization/050, /052). With `approval` a person can
   * approve the call itself, and another token is only the second way.
   */
  insufficient(scopes: readonly string[], reason: string, approval?: JsonObject): Fault {
    const parameters = { error: 'insufficient_scope' as const, scope: scopes.join(' ') };
    if (approval === undefined) return this.#fault('insufficientScope', reason, parameters);
    return this.#fault('forbidden', reason, parameters, { reason: 'approval_required', data: { approval } });
  }

  /** 400: no token could make this request right. */
  malformed(why: string): Fault {
    return this.#fault('badAuthorization', why, { error: 'invalid_request' });
  }

  #fault(
    name: FaultName,
    detail: string,
    { error, scope = this.scopes.join(' ') }: Partial<Parameters>,
    { cause, data, reason }: { cause?: Error; data?: JsonObject; reason?: DenialReason } = {},
  ): Fault {
    const parameters: Parameters = {
      ...(error === undefined ? {} : { error, error_description: shorten(detail, MAX_DESCRIPTION) }),
      ...(scope === '' ? {} : { scope }),
      resource_metadata: this.resourceMetadata,
    };
    const headers = { 'www-authenticate': formatChallenge(parameters) };
    return new Fault(name, detail, {
      ...{ data: { ...parameters, ...data }, headers, cause },
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

function formatChallenge(parameters: Parameters): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}="${toQuotedString(value)}"`);
  return `Bearer ${pairs.join(', ')}`;
}

// A quoted-string (RFC 9110, section 5.6.4) that fits RFC 6750's narrower alphabet: no quotes, no backslashes, ASCII only.
function toQuotedString(value: string): string {
  return value.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
}
