/**
 * Turns the claims of a verified token into a principal: checks its times and its audience, and reads tenant, client and
 * scopes. All three kinds of token end here: signed by an issuer, introspected, or issued to a workload.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 */
import type { Principal } from '../wire/principal.js';
import type { JsonObject } from '../wire/value.js';
import { checkAudience, describe } from './audience.js';
import type { IssuerLimits } from './issuer-rules.js';
import { APPROVED, type Hierarchy, readScopes } from './scopes.js';
import { InvalidToken } from './token-errors.js';

/** Rules for every token. */
export type TokenRules = {
  resource: string;
  toleranceS: number;
  clock: () => Date;
  hierarchy: Hierarchy;
  /** The claims that may name the client, in order. */
  clientClaims: readonly string[];
  limits: IssuerLimits;
};

/** What depends on the kind of token. */
export type TokenOrigin = {
  issuer: string;
  required: readonly ('exp' | 'iat')[];
  user: string;
  clientId: string;
  /** Replaces the token's own. */
  tenant?: string | undefined;
  scopes?: readonly string[] | undefined;
};

/** @throws InvalidToken */
export function readPrincipal(claims: JsonObject, origin: TokenOrigin, rules: TokenRules): Principal {
  // A token bound to a key needs a proof of that key, and a bearer token has none.
  if (claims.cnf !== undefined) throw new InvalidToken('claims', '"cnf" binds the token to a key');
  for (const name of origin.required) {
    if (claims[name] === undefined) throw new InvalidToken('claims', `the token has no "${name}"`);
  }
  const expiresAt = checkTimes(claims, rules);
  checkAudience(claims.aud, rules.resource);
  const approvedAt = readTime(claims, 'approved_at');
  const latest = rules.clock().getTime() / 1000 + rules.toleranceS;
  if (approvedAt !== undefined && approvedAt > latest) {
    throw new InvalidToken('approved_in_future', `"approved_at" is ${approvedAt}, which is in the future`);
  }
  const { issuer } = origin;
  // Filtered after implied scopes are added, so an issuer cannot grant by implication what it may not grant.
  const scopes = rules.limits.grantable(issuer, rules.hierarchy(origin.scopes ?? readScopes(claims)));
  return Object.freeze({
    issuer,
    user: origin.user,
    tenant: origin.tenant ?? rules.limits.tenantOf(issuer, readText(claims, 'tenant')),
    clientId: origin.clientId,
    scopes: Object.freeze(scopes),
    // An issuer that may not grant the approval scope cannot date an approval either.
    approvedAt: rules.limits.grantable(issuer, [APPROVED]).length > 0 ? approvedAt : undefined,
    expiresAt,
  });
}

/** `client_id` is RFC 9068's; the others are older. */
export const CLIENT_CLAIMS: readonly string[] = ['client_id', 'azp', 'cid'];

/** The first claim that is present names the client. @throws InvalidToken */
export function readClientId(claims: JsonObject, names: readonly string[]): string {
  const name = names.find((one) => Object.hasOwn(claims, one));
  if (name !== undefined) return requireText(claims, name);
  throw new InvalidToken(
    'claims',
    `the token has no ${names.map((one) => `"${one}"`).join(' or ')}; --client-claims says which claim names the client`,
  );
}

/** @throws InvalidToken */
export function requireText(claims: JsonObject, name: string): string {
  const value = readText(claims, name);
  if (value === undefined) throw new InvalidToken('claims', `the token has no "${name}"`);
  return value;
}

function readText(claims: JsonObject, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new InvalidToken('claims', `"${name}" must be a text, received ${describe(value)}`);
}

/** Returns when the token expires. */
function checkTimes(claims: JsonObject, { toleranceS, clock }: TokenRules): number | undefined {
  const now = clock().getTime() / 1000;
  const [exp, nbf, iat] = [readTime(claims, 'exp'), readTime(claims, 'nbf'), readTime(claims, 'iat')];
  if (exp !== undefined && now >= exp + toleranceS) {
    throw new InvalidToken('expired', `"exp" is ${exp}, and now it is ${now}`);
  }
  if (nbf !== undefined && now < nbf - toleranceS) {
    throw new InvalidToken('not_yet_valid', `"nbf" is ${nbf}, and now it is ${now}`);
  }
  if (iat !== undefined && now < iat - toleranceS) {
    throw new InvalidToken('issued_in_future', `"iat" is ${iat}, and now it is ${now}`);
  }
  return exp;
}

/** Seconds since 1970. A number that JSON.parse reads as infinite would make a token that never expires. */
function readTime(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0))
    return value;
  throw new InvalidToken('claims', `"${name}" must be seconds since 1970, received ${describe(value)}`);
}
