/** A JWT of our own, read with keys that are at hand. Tokens of other issuers are verified in verifier.ts. */
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';

/** As node:crypto exports one; of a private key only the public part is looked at. */
export type Jwk = { kty?: string; n?: string; e?: string; kid: string; use: 'sig'; alg: string };
/** Undefined when it was not signed with one of the keys, is no access token of this issuer, or has expired. */
export type ReadLocalJwt = (token: string) => Promise<JWTPayload | undefined>;

export function createReadLocalJwt(issuer: string, keys: readonly Jwk[]): ReadLocalJwt {
  const known = createLocalJWKSet({ keys: keys.map(publicPart) });
  const algorithms = [...new Set(keys.map(({ alg }) => alg))];
  return async (token) => {
    try {
      return (await jwtVerify(token, known, { issuer, typ: 'at+jwt', algorithms })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

function publicPart({ kty = '', n = '', e = '', kid, use, alg }: Jwk) {
  return { kty, n, e, kid, use, alg };
}
