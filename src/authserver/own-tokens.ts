/**
 * Introspection and revocation of the access tokens that are JWTs. The library keeps no copy of those and refuses them at
 * both endpoints, after it has authenticated the client; this answers instead, from the signature and a list of what was
 * revoked. A server that checks a JWT by its signature alone accepts a revoked one until it expires.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
import { createLocalJWKSet, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { isRecord } from '../value.js';
import type { Keys } from './keys.js';

type OwnTokens = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>;

/** `revoked` holds the `jti` of each until it would have expired. */
export function answerOwnTokens(issuer: string, keys: Keys, revoked: Adapter): OwnTokens {
  const published = createLocalJWKSet({ keys: keys.signing.map(({ jwk }) => publicPart(jwk)) });

  /** Undefined when the token is not ours, has expired or was revoked. */
  async function read(token: unknown): Promise<JWTPayload | undefined> {
    if (typeof token !== 'string') return undefined;
    try {
      const { payload } = await jwtVerify(token, published, { issuer, typ: 'at+jwt', algorithms: ['RS256'] });
      const { jti, exp } = payload;
      if (jti === undefined || exp === undefined) return undefined;
      return (await revoked.find(jti)) === undefined ? payload : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  return async (ctx, next) => {
    await next();
    if (!isRecord(ctx.body) || ctx.body.error !== 'unsupported_token_type') return;
    const { client, params, route } = ctx.oidc;
    if (client === undefined) return;
    const claims = await read(params?.token);
    const own = claims?.client_id === client.clientId;
    ctx.status = 200;
    if (route === 'introspection') {
      const shown = own || client.clientSecret !== undefined;
      ctx.body =
        claims !== undefined && shown ? { active: true, ...claims, token_type: 'Bearer' } : { active: false };
      return;
    }
    // RFC 7009, section 2.2: a token that is not valid, or not the client's, is no error.
    ctx.body = '';
    const { jti = '', exp = 0 } = claims ?? {};
    if (own) await revoked.upsert(jti, {}, exp - Math.floor(Date.now() / 1000));
  };
}

function publicPart({ kty, n, e, kid, use, alg }: Keys['signing'][number]['jwk']): JWK {
  return { kid, use, alg, ...(kty && { kty }), ...(n && { n }), ...(e && { e }) };
}
