/**
 * Decodes a JWT without trusting it, and checks that its algorithm is accepted and its header requires nothing unknown.
 * Keys and key URLs in the header are never used. The signature is checked in jwks.ts, the claims in token-claims.ts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
import type { JWTPayload } from 'jose';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import * as errors from 'jose/errors';
import { createLocalJWKSet } from 'jose/jwks/local';
import { decodeJwt } from 'jose/jwt/decode';
import { jwtVerify } from 'jose/jwt/verify';
import type { JsonObject } from '../wire/value.js';
import { describe } from './audience.js';
import { InvalidToken } from './token-errors.js';

/** Every algorithm that can be allowed: all asymmetric, and none of them broken. */
export const ALGORITHMS: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export type Jwt = {
  text: string;
  kid: string | undefined;
  typ: string | undefined;
  alg: string;
  claims: JsonObject;
};

/** Three parts, of which only the signature can be empty; every other token is opaque. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** @throws InvalidToken */
export function readJwt(text: string, algorithms: readonly string[]): Jwt {
  const { alg, kid, typ, crit } = decodePart('header', () => decodeProtectedHeader(text));
  checkAlgorithm(alg, algorithms);
  // No extension is supported, so none may be critical.
  if (crit !== undefined) throw new InvalidToken('malformed', `"crit" asks for ${describe(crit)}`);
  if (!isTextOrAbsent(kid)) throw new InvalidToken('malformed', `"kid" is ${describe(kid)}`);
  if (!isTextOrAbsent(typ)) throw new InvalidToken('type', `"typ" is ${describe(typ)}`);
  return { text, kid, typ, alg, claims: decodePart('payload', () => decodeJwt(text)) };
}

/** @throws InvalidToken */
export function checkAlgorithm(alg: unknown, algorithms: readonly string[]): asserts alg is string {
  if (typeof alg === 'string' && algorithms.includes(alg)) return;
  throw new InvalidToken('algorithm', `expected "alg" ${algorithms.join(' or ')}, received ${describe(alg)}`);
}

/** For comparing: media types are case-insensitive, and `application/` may be left out (RFC 7515, 4.1.9). */
export function mediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\/(?=[^/]+$)/, '');
}

function decodePart(part: string, decode: () => JsonObject): JsonObject {
  try {
    return decode();
  } catch (cause) {
    throw new InvalidToken('malformed', `the ${part} of the token cannot be read`, { cause });
  }
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** As node:crypto exports it; only the public part of a private key is used. */
export type Jwk = { kty?: string; n?: string; e?: string; kid: string; use: 'sig'; alg: string };
/** Resolves with undefined when the token was not signed with one of the keys, is not an access token of this issuer, or has expired. */
export type ReadLocalJwt = (token: string) => Promise<JWTPayload | undefined>;

export function createReadLocalJwt(issuer: string, keys: readonly Jwk[]): ReadLocalJwt {
  const keySet = createLocalJWKSet({ keys: keys.map(publicPart) });
  const algorithms = [...new Set(keys.map(({ alg }) => alg))];
  return async (token) => {
    try {
      return (await jwtVerify(token, keySet, { issuer, typ: 'at+jwt', algorithms })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

function publicPart({ kty = '', n = '', e = '', kid, use, alg }: Jwk) {
  return { kty, n, e, kid, use, alg };
}
