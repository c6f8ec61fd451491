/**
 * What a token says, once it is known who says it: its times, its audience, and the principal it speaks for. All three
 * kinds of token end here: signed by an issuer, looked up at one, or issued to a workload.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 */
import type { Principal } from '../wire/principal.js';
import type { JsonObject } from '../wire/value.js';
import { checkAudience, quoted } from './audience.js';
import type { IssuerLimits } from './issuer-rules.js';
import { APPROVED, type Hierarchy, readScopes } from './scopes.js';
import { TokenRefused } from './token-refused.js';

/** What holds for every token. */
export type Rules = {
  resource: string;
  toleranceS: number;
  clock: () => Date;
  hierarchy: Hierarchy /** The claims that may name the client, in order. */;
  clientClaims: readonly string[];
  /** The rules of each issuer. */
  limits: IssuerLimits;
};

/** What differs with who vouches for it. */
export type Voucher = {
  issuer: string;
  required: readonly ('exp' | 'iat')[];
  user: string;
  clientId: string;
  /** In place of the token's own. */
  tenant?: string | undefined;
  scopes?: readonly string[] | undefined;
};

/** @throws TokenRefused */
export function readPrincipal(claims: JsonObject, voucher: Voucher, rules: Rules): Principal {
  // A token that is bound to a key is worth nothing without a proof of it, and a bearer gives none.
  if (claims.cnf !== undefined) throw new TokenRefused('claims', '"cnf" binds the token to a key');
  for (const name of voucher.required) {
    if (claims[name] === undefined) throw new TokenRefused('claims', `the token has no "${name}"`);
  }
  const expiresAt = checkTimes(claims, rules);
  checkAudience(claims.aud, rules.resource);
  const approvedAt = readTime(claims, 'approved_at');
  const soon = rules.clock().getTime() / 1000 + rules.toleranceS;
  if (approvedAt !== undefined && approvedAt > soon) {
    throw new TokenRefused('approved_in_future', `"approved_at" is ${approvedAt}, which is yet to come`);
  }
  const { issuer } = voucher;
  // Filtered after implied scopes are added, so an issuer cannot grant by implication what it may not grant.
  const scopes = rules.limits.grantable(issuer, rules.hierarchy(voucher.scopes ?? readScopes(claims)));
  return Object.freeze({
    issuer,
    user: voucher.user,
    tenant: voucher.tenant ?? rules.limits.tenantOf(issuer, readText(claims, 'tenant')),
    clientId: voucher.clientId,
    scopes: Object.freeze(scopes),
    // An issuer that may not grant the approval scope cannot date an approval either.
    approvedAt: rules.limits.grantable(issuer, [APPROVED]).length > 0 ? approvedAt : undefined,
    expiresAt,
  });
}

/** The client by the name RFC 9068 gives it, or by those in use before; some issuers have another. */
export const CLIENT_CLAIMS: readonly string[] = ['client_id', 'azp', 'cid'];

/** The first of the claims that is there names the client. @throws TokenRefused */
export function readClientId(claims: JsonObject, names: readonly string[]): string {
  const name = names.find((one) => Object.hasOwn(claims, one));
  if (name !== undefined) return requireText(claims, name);
  throw new TokenRefused(
    'claims',
    `the token has no ${names.map((one) => `"${one}"`).join(' or ')}; --client-claims says which claim names the client`,
  );
}

/** @throws TokenRefused */
export function requireText(claims: JsonObject, name: string): string {
  const value = readText(claims, name);
  if (value === undefined) throw new TokenRefused('claims', `the token has no "${name}"`);
  return value;
}

function readText(claims: JsonObject, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new TokenRefused('claims', `"${name}" must be a text, received ${quoted(value)}`);
}

/** When the token ends. */
function checkTimes(claims: JsonObject, { toleranceS, clock }: Rules): number | undefined {
  const now = clock().getTime() / 1000;
  const [exp, nbf, iat] = [readTime(claims, 'exp'), readTime(claims, 'nbf'), readTime(claims, 'iat')];
  if (exp !== undefined && now >= exp + toleranceS) {
    throw new TokenRefused('expired', `"exp" is ${exp}, and now it is ${now}`);
  }
  if (nbf !== undefined && now < nbf - toleranceS) {
    throw new TokenRefused('not_yet_valid', `"nbf" is ${nbf}, and now it is ${now}`);
  }
  if (iat !== undefined && now < iat - toleranceS) {
    throw new TokenRefused('issued_in_future', `"iat" is ${iat}, and now it is ${now}`);
  }
  return exp;
}

/** Seconds since 1970. JSON can write numbers that are read as infinite, and such a token would never end. */
function readTime(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0))
    return value;
  throw new TokenRefused('claims', `"${name}" must be seconds since 1970, received ${quoted(value)}`);
}
