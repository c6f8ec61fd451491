/**
 * The JSON Web Key Set of one issuer, and the check of a signature with it. A token with an unknown key makes the set
 * reload, so a rotation is seen at once, and removed keys stop working with it. Nothing in a token says where keys are.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
import type { JWK, LocalJWKSet } from 'jose';
import * as errors from 'jose/errors';
import { createLocalJWKSet } from 'jose/jwks/local';
import { compactVerify } from 'jose/jws/compact/verify';
import { isRecord, type JsonObject } from '../wire/value.js';
import { type CacheOptions, cachedAsync } from './cached-async.js';
import { InvalidToken, IssuerUnreachable } from './token-errors.js';

export type Keys = {
  /** Rejects with InvalidToken or IssuerUnreachable. */
  checkSignature(token: string, kid: string | undefined): Promise<void>;
  /** Rejects with IssuerUnreachable. */
  ready(): Promise<void>;
};

export type KeysOptions = {
  /** For the log. */
  issuer: string;
  load: () => Promise<readonly JWK[]>;
  algorithms: readonly string[];
  cacheOptions: CacheOptions;
};

export function createKeys({ issuer, load, algorithms, cacheOptions }: KeysOptions): Keys {
  const keySet = cachedAsync(async () => createLocalJWKSet({ keys: [...(await load())] }), cacheOptions);
  return {
    async checkSignature(token, kid) {
      const set = await keySet.get();
      let failure = await verifySignature(token, set, algorithms);
      if (mayBeNewer(failure, kid)) {
        const renewedSet = await keySet.renew();
        if (renewedSet !== set) failure = await verifySignature(token, renewedSet, algorithms);
      }
      if (failure !== undefined) throw toInvalidToken(failure, `kid ${JSON.stringify(kid)} of ${issuer}`);
    },
    async ready() {
      await keySet.get();
    },
  };
}

/** The keys of a JWK set; members of another shape are ignored, as RFC 7517 requires. */
export function readKeySet(document: JsonObject, from: string): JWK[] {
  if (!Array.isArray(document.keys)) throw new IssuerUnreachable(`${from} holds no "keys"`);
  return document.keys.filter(isJwk);
}

function isJwk(value: unknown): value is JWK {
  return isRecord(value) && typeof value.kty === 'string';
}

/** Without a `kid`, only a signature that no known key made hints at a new key. */
function mayBeNewer(failure: unknown, kid: string | undefined): boolean {
  if (failure instanceof errors.JWKSNoMatchingKey) return true;
  return kid === undefined && failure instanceof errors.JWSSignatureVerificationFailed;
}

/** Why the signature is not valid; undefined when it is. */
async function verifySignature(
  token: string,
  set: LocalJWKSet,
  algorithms: readonly string[],
): Promise<unknown> {
  const options = { algorithms: [...algorithms] };
  try {
    await compactVerify(token, set, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return error;
    for await (const key of error) {
      const verified = await compactVerify(token, key, options).catch(() => undefined);
      if (verified !== undefined) return undefined;
    }
    return new errors.JWSSignatureVerificationFailed();
  }
}

function toInvalidToken(cause: unknown, detail: string): InvalidToken {
  if (cause instanceof errors.JWSSignatureVerificationFailed)
    return new InvalidToken('signature', `the signature does not match, ${detail}`, { cause });
  if (cause instanceof errors.JWSInvalid)
    return new InvalidToken('malformed', `the signature cannot be read, ${detail}`, { cause });
  // No such key, or one that is too weak, of another kind, or not public.
  return new InvalidToken('key', `there is no key to check it with, ${detail}`, { cause });
}
