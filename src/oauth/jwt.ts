/**
 * A JWT as it is written: its header and claims, read but not believed. Here it is settled that the algorithm is an
 * accepted one and that the header asks for nothing unknown; keys or addresses of keys inside the header are never
 * looked at. Who signed it is checked in keys.ts, what it says in claims.ts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { JsonObject } from '../wire/value.js';
import { quoted } from './audience.js';
import { TokenRefused } from './token-refused.js';

/** Every algorithm that can be allowed: signed with a key the verifier does not have, and none of them broken. */
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

/** Three parts, of which only the signature can be empty; whatever else a token looks like is opaque. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** @throws TokenRefused */
export function readJwt(text: string, algorithms: readonly string[]): Jwt {
  const { alg, kid, typ, crit } = decoded('header', () => decodeProtectedHeader(text));
  checkAlgorithm(alg, algorithms);
  // No extension is known here, so each that must be understood is one too many.
  if (crit !== undefined) throw new TokenRefused('malformed', `"crit" asks for ${quoted(crit)}`);
  if (!isTextOrAbsent(kid)) throw new TokenRefused('malformed', `"kid" is ${quoted(kid)}`);
  if (!isTextOrAbsent(typ)) throw new TokenRefused('type', `"typ" is ${quoted(typ)}`);
  return { text, kid, typ, alg, claims: decoded('payload', () => decodeJwt(text)) };
}

/** @throws TokenRefused */
export function checkAlgorithm(alg: unknown, algorithms: readonly string[]): asserts alg is string {
  if (typeof alg === 'string' && algorithms.includes(alg)) return;
  throw new TokenRefused('algorithm', `expected "alg" ${algorithms.join(' or ')}, received ${quoted(alg)}`);
}

/** The type as it is compared: media types have no case, and `application/` may be left out (RFC 7515, 4.1.9). */
export function mediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\/(?=[^/]+$)/, '');
}

function decoded(part: string, decode: () => JsonObject): JsonObject {
  try {
    return decode();
  } catch (cause) {
    throw new TokenRefused('malformed', `the ${part} of the token cannot be read`, { cause });
  }
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
