/**
 * Introspection and revocation of JWT access tokens. The library stores no copy of them: it authenticates the
 * client and then refuses the token. This middleware answers instead, from the signature and a list of
 * revoked tokens. A server that checks only the signature accepts a revoked token until it expires.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { createReadLocalJwt } from '../../oauth/jwt.js';
import { isRecord } from '../../wire/value.js';
import type { Keys } from './keys.js';

/** Seconds until a client may retry while the list of revoked tokens is full. */
const RETRY_AFTER_S = '60';
const MAX_REVOKED = 50_000;

export function answerOwnTokens(issuer: string, keys: Keys, revokedTokens: RevokedTokens) {
  const readJwt = createReadLocalJwt(
    issuer,
    keys.signing.map(({ jwk }) => jwk),
  );

  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (!isRecord(ctx.body) || ctx.body.error !== 'unsupported_token_type') return;
    const { client, params, route } = ctx.oidc;
    if (client === undefined) return;
    const token = params?.token;
    const claims = typeof token === 'string' ? await readJwt(token) : undefined;
    const { jti, exp } = claims ?? {};
    // Not if the token is not ours or has expired.
    const isActive = jti !== undefined && exp !== undefined && !revokedTokens.has(jti);
    const isOwner = isActive && claims?.client_id === client.clientId;
    ctx.status = 200;
    if (route === 'introspection') {
      const maySee = isOwner || (isActive && client.clientSecret !== undefined);
      ctx.body = maySee ? { active: true, ...claims, token_type: 'Bearer' } : { active: false };
      return;
    }
    // RFC 7009, section 2.2: a token that is invalid, or another client's, is no error.
    ctx.body = '';
    if (!isOwner || revokedTokens.add(jti, exp)) return;
    // Section 2.2.1: after a 503 the client must assume that the token is still valid.
    ctx.status = 503;
    ctx.set('retry-after', RETRY_AFTER_S);
  };
}

export type RevokedTokens = ReturnType<typeof createRevokedTokens>;

/** Revoked access tokens, each stored until it would have expired. `exp` is in seconds since 1970. */
export function createRevokedTokens(clock: () => Date, max = MAX_REVOKED) {
  const expiries = new Map<string, number>();
  return {
    has: (jti: string) => expiries.has(jti),
    /** False when the list is full: an earlier entry must stay, or its token would be valid again. */
    add(jti: string, exp: number): boolean {
      const nowS = clock().getTime() / 1000;
      if (expiries.size >= max) for (const [old, end] of expiries) if (end <= nowS) expiries.delete(old);
      if (expiries.size >= max && !expiries.has(jti)) return false;
      expiries.set(jti, exp);
      return true;
    },
  };
}
