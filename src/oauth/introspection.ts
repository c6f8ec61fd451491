/**
 * Token introspection: asks the issuer about an opaque token. The answer is checked like a JWT's claims. One without an
 * audience is rejected, because any client of the issuer could have brought that token here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 */
import type { After } from '../wire/clock.js';
import type { Principal } from '../wire/principal.js';
import { describe } from './audience.js';
import type { FetchJson } from './fetch-json.js';
import { IntrospectionQueue, type Requester } from './introspection-queue.js';
import type { Issuer } from './issuer-metadata.js';
import { readClientId, readPrincipal, requireText, type TokenRules } from './token-claims.js';
import { InvalidToken, IssuerUnreachable, type TokenProblem } from './token-errors.js';

export type Introspection = { clientId: string; clientSecret: string; url?: string };

/** Undefined when the token is not active. Rejects with InvalidToken or IssuerUnreachable. */
export type Introspect = (token: string, requester: Requester) => Promise<Principal | undefined>;

export function createIntrospect(
  { issuer, endpoint }: Issuer,
  { clientId, clientSecret, url }: Introspection,
  { fetchJson, rules, after }: { fetchJson: FetchJson; rules: TokenRules; after: After },
): Introspect {
  // No back-off here: one that covers all tokens would let a stranger's token lock everybody out.
  const queue = new IntrospectionQueue(after);
  const credentials = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
  };

  return async (token, requester) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
    const target = url === undefined ? await endpoint('introspection_endpoint') : new URL(url);
    const answer = await queue.run(() => fetchJson(target, { method: 'POST', headers, body }), requester);
    if ('problem' in answer) throw new IssuerUnreachable(answer.problem);
    const { active, iss, token_type: type, ...claims } = answer.document;
    if (typeof active !== 'boolean') throw new IssuerUnreachable(`${target} answered without "active"`);
    if (!active) return undefined;
    if (iss !== undefined && iss !== issuer)
      throw new InvalidToken('issuer', `expected "iss" ${issuer}, received ${describe(iss)}`);
    if (type !== undefined && !(typeof type === 'string' && /^bearer$/i.test(type)))
      throw new InvalidToken('type', `expected "token_type" Bearer, received ${describe(type)}`);
    const client = readClientId(claims, rules.clientClaims);
    // A client that acts for itself is its own subject (RFC 9068, section 2.2, says so for JWTs).
    const user = claims.sub === undefined ? client : requireText(claims, 'sub');
    return readPrincipal(claims, { issuer, required: [], user, clientId: client }, rules);
  };
}

/** An opaque token's digest, and the address whose share it counts towards. */
export type OpaqueToken = { key: string; address: string };

/** Rejects with InvalidToken or IssuerUnreachable. */
export type IntrospectAny = (token: string, opaque: OpaqueToken) => Promise<Principal>;

const MAX_REJECTED = 10_000;
const MAX_REJECTED_MS = 5_000;
const MAX_VALID = 10_000;
/** Rejections that are not cached, because time alone ends them. */
const TOO_EARLY: readonly TokenProblem[] = ['not_yet_valid', 'issued_in_future', 'approved_in_future'];

/**
 * Asks the issuers in turn until one accepts the token. A rejection is cached for five seconds, or for `ageMs` when that is
 * less. Only digests of tokens are stored.
 */
export function createIntrospectAny(
  introspects: readonly Introspect[],
  { ageMs, clock }: { ageMs: number; clock: () => Date },
): IntrospectAny {
  const rejections = new Map<string, { error: InvalidToken; from: number }>();
  // Tokens that were valid before go first. Strangers cannot fill this set, because only valid tokens enter it.
  const validKeys = new Set<string>();
  const lifetimeMs = Math.min(ageMs, MAX_REJECTED_MS);

  return async (token, { key, address }) => {
    const rejection = rejections.get(key);
    const age = rejection === undefined ? -1 : clock().getTime() - rejection.from;
    if (rejection !== undefined && age >= 0 && age < lifetimeMs) throw rejection.error;
    rejections.delete(key);
    try {
      const requester = { address, wasValid: validKeys.has(key) };
      const principal = await introspectInTurn(token, introspects, requester);
      validKeys.delete(key);
      validKeys.add(key);
      dropOldest(validKeys, MAX_VALID);
      return principal;
    } catch (error) {
      if (!(error instanceof InvalidToken)) throw error;
      validKeys.delete(key);
      if (lifetimeMs > 0 && !TOO_EARLY.includes(error.reason)) {
        rejections.set(key, { error, from: clock().getTime() });
        dropOldest(rejections, MAX_REJECTED);
      }
      throw error;
    }
  };
}

/** Sets and maps keep insertion order, so the first key is the oldest. */
function dropOldest(all: Set<string> | Map<string, unknown>, maxSize: number): void {
  const [oldest] = all.keys();
  if (oldest !== undefined && all.size > maxSize) all.delete(oldest);
}

async function introspectInTurn(
  token: string,
  introspects: readonly Introspect[],
  requester: Requester,
): Promise<Principal> {
  let unreachable: IssuerUnreachable | undefined;
  for (const introspect of introspects) {
    try {
      const principal = await introspect(token, requester);
      if (principal !== undefined) return principal;
    } catch (error) {
      if (!(error instanceof IssuerUnreachable)) throw error;
      unreachable ??= error;
    }
  }
  // The unreachable issuer may be the one that issued it.
  throw unreachable ?? new InvalidToken('inactive', 'no issuer says that the token is active');
}

/** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1), so that they contain no colon. */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
