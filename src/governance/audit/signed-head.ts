/**
 * A signed head: a JWS over the place and hash of a chain's newest record, as FORMAT.md describes it. Somebody who can write the
 * log but lacks the key can rewrite records, and cannot make a head for them. A tombstone is signed in the same way, under a type
 * of its own: otherwise every old head would be a tombstone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8037 Ed25519 in JOSE
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { CompactSign } from 'jose/jws/compact/sign';
import { compactVerify } from 'jose/jws/compact/verify';
import { importJWK } from 'jose/key/import';
import { isRecord } from '../../wire/value.js';
import type { SeriesName } from './names.js';
import type { Head } from './record.js';
import { isHash } from './record-line.js';

/** `log` is the server whose log it is: folders have the same names in the logs of all servers. */
export type SignedHead = SeriesName & Head & { log: string; time: string };
/** What a tombstone says besides. */
export type Removal = { day: string; broken: number };
/** Resolves with the compact JWS: of a tombstone if a removal is given, of a head otherwise. */
export type SignHead = (head: Omit<SignedHead, 'log'> & Partial<Removal>) => Promise<string>;
/** Resolves with what was signed, or with the reason why it does not count. */
export type VerifyHead = (
  jws: string,
  type?: keyof typeof TYPES,
) => Promise<(SignedHead & Partial<Removal>) | { problem: string }>;

const TYPES = { head: 'barewire-audit-head', tombstone: 'barewire-audit-tombstone' };
const ALGORITHM = 'EdDSA';
/** More than any head has. */
const MAX_JWS = 4096;

/** A private or a public key, from PEM or from a JWK. @throws RangeError when it is no Ed25519 key */
export function readKey(text: string): { publicKey: KeyObject; privateKey: KeyObject | undefined } {
  const privateKey = importKey(text, createPrivateKey);
  const publicKey = privateKey === undefined ? importKey(text, createPublicKey) : createPublicKey(privateKey);
  if (publicKey?.asymmetricKeyType === 'ed25519') return { publicKey, privateKey };
  throw new RangeError('expected an Ed25519 key, as PEM or as a JWK');
}

function importKey(
  text: string,
  create: typeof createPrivateKey | typeof createPublicKey,
): KeyObject | undefined {
  try {
    if (!text.trimStart().startsWith('{')) return create(text);
    return create({ key: JSON.parse(text), format: 'jwk' });
  } catch {
    return undefined;
  }
}

export async function createHeadSigner(privateKey: KeyObject, log: string): Promise<SignHead> {
  const kid = await keyId(createPublicKey(privateKey));
  return ({ folder, replica, seq, hash, time, day, broken }) => {
    const typ = day === undefined ? TYPES.head : TYPES.tombstone;
    return new CompactSign(
      Buffer.from(JSON.stringify({ log, folder, replica, seq, hash, time, day, broken })),
    )
      .setProtectedHeader({ alg: ALGORITHM, kid, typ })
      .sign(privateKey);
  };
}

/** The document that publishes the keys (RFC 7517). */
export async function keySetOf(publicKeys: readonly KeyObject[]): Promise<JSONWebKeySet> {
  const keys = publicKeys.map(async (key) => {
    const { kty, crv, x } = key.export({ format: 'jwk' });
    return { kty, crv, x, kid: await keyId(key), use: 'sig', alg: ALGORITHM } as JWK;
  });
  return { keys: await Promise.all(keys) };
}

/** RFC 7638, so that a key has the same id everywhere. */
const keyId = (key: KeyObject): Promise<string> =>
  calculateJwkThumbprint(key.export({ format: 'jwk' }) as JWK);

/** @param keySet a JWK Set, or one JWK @throws RangeError when it has no Ed25519 key */
export async function createHeadVerifier(keySet: unknown): Promise<VerifyHead> {
  const members = isRecord(keySet) && Array.isArray(keySet.keys) ? keySet.keys : [keySet];
  const keys = new Map<string, Awaited<ReturnType<typeof importJWK>>>();
  for (const jwk of members) {
    if (!isRecord(jwk) || jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string') continue;
    const { kty, crv, x } = jwk as { kty: string; crv: string; x: string };
    keys.set(await calculateJwkThumbprint({ kty, crv, x }), await importJWK({ kty, crv, x }, ALGORITHM));
  }
  if (keys.size === 0) throw new RangeError('--keys: expected a JWK Set with an Ed25519 key');
  return async (jws, type = 'head') => {
    if (jws.length > MAX_JWS) return { problem: `it has more than ${MAX_JWS} characters` };
    try {
      const { payload } = await compactVerify(
        jws,
        ({ kid, typ }) => {
          const key = kid === undefined ? undefined : keys.get(kid);
          if (typ !== TYPES[type]) throw new RangeError(`its type is not ${TYPES[type]}`);
          if (key === undefined) throw new RangeError('its key is not among the trusted ones');
          return key;
        },
        { algorithms: [ALGORITHM] },
      );
      return readSignedHead(JSON.parse(Buffer.from(payload).toString('utf8')));
    } catch (error) {
      if (error instanceof RangeError) return { problem: error.message };
      return { problem: 'its signature does not match' };
    }
  };
}

function readSignedHead(value: unknown): (SignedHead & Partial<Removal>) | { problem: string } {
  if (!isRecord(value)) return { problem: 'it signs no head' };
  const { log, folder, replica, seq, hash, time, day, broken } = value;
  const removal = typeof day === 'string' && typeof broken === 'number' ? { day, broken } : {};
  if (
    typeof log === 'string' &&
    typeof folder === 'string' &&
    typeof replica === 'string' &&
    typeof time === 'string'
  )
    if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 && isHash(hash))
      return { log, folder, replica, seq, hash, time, ...removal };
  return { problem: 'it signs no head' };
}
