/**
 * Introspection and revocation of the access tokens that are JWTs. The library keeps no copy of those and refuses them at
 * both endpoints, after it has authenticated the client; this answers instead, from the signature and a list of what was
 * revoked. A server that checks a JWT by its signature alone accepts a revoked one until it expires.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { createReadLocalJwt } from '../../oauth/local-jwt.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Keys } from './keys.js';
import type { RevokedTokens } from './revoked.js';

type OwnTokens = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;
type Claims = JsonObject & { jti: string; exp: number };

/** When a client may try again while the list of revoked tokens is full, seconds. */
const RETRY_AFTER_S = '60';

export function answerOwnTokens(issuer: string, keys: Keys, revoked: RevokedTokens): OwnTokens {
  const readJwt = createReadLocalJwt(
    issuer,
    keys.signing.map(({ jwk }) => jwk),
  );

  /** Undefined when the token is not ours, has expired or was revoked. */
  async function read(token: unknown): Promise<Claims | undefined> {
    const claims = typeof token === 'string' ? await readJwt(token) : undefined;
    const { jti, exp } = claims ?? {};
    if (jti === undefined || exp === undefined) return undefined;
    return revoked.has(jti) ? undefined : { ...claims, jti, exp };
  }

  return async (ctx, next) => {
    await next();
    if (!isRecord(ctx.body) || ctx.body.error !== 'unsupported_token_type') return;
    const { client, params, route } = ctx.oidc;
    if (client === undefined) return;
    const claims = await read(params?.token);
    const own = claims !== undefined && claims.client_id === client.clientId;
    ctx.status = 200;
    if (route === 'introspection') {
      const shown = own || client.clientSecret !== undefined;
      ctx.body =
        claims !== undefined && shown ? { active: true, ...claims, token_type: 'Bearer' } : { active: false };
      return;
    }
    // RFC 7009, section 2.2: a token that is not valid, or not the client's, is no error.
    ctx.body = '';
    if (!own || revoked.add(claims.jti, claims.exp)) return;
    // Section 2.2.1: the client has to take the token to be good still.
    ctx.status = 503;
    ctx.set('retry-after', RETRY_AFTER_S);
  };
}
