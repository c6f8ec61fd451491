/**
 * The keys of one issuer, and whether one of them signed a token. A token with a key that is not among them makes the
 * set be asked for anew, so a rotation is seen at once; keys that left the set stop counting with it. Where the set
 * comes from is the loader's business, and nothing in a token can name another place.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
import { compactVerify, createLocalJWKSet, errors, type JWK, type LocalJWKSet } from 'jose';
import { isRecord, type JsonObject } from '../wire/value.js';
import { type CacheOptions, cachedAsync } from './cached.js';
import { KeysUnreachable, TokenRefused } from './token-refused.js';

export type Keys = {
  /** Rejects TokenRefused | KeysUnreachable. */
  checkSignature(token: string, kid: string | undefined): Promise<void>;
  /** Rejects KeysUnreachable. */
  ready(): Promise<void>;
};

export type KeysOptions = {
  /** Of whom they are, for the log. */
  owner: string;
  load: () => Promise<readonly JWK[]>;
  algorithms: readonly string[];
  keeping: CacheOptions;
};

export function createKeys({ owner, load, algorithms, keeping }: KeysOptions): Keys {
  const kept = cachedAsync(async () => createLocalJWKSet({ keys: [...(await load())] }), keeping);
  return {
    async checkSignature(token, kid) {
      const set = await kept.get();
      let failure = await attempt(token, set, algorithms);
      if (failure !== undefined && mayBeNewer(failure, kid)) {
        const renewed = await kept.renew();
        if (renewed !== set) failure = await attempt(token, renewed, algorithms);
      }
      if (failure !== undefined) throw refusal(failure, `kid ${JSON.stringify(kid)} of ${owner}`);
    },
    async ready() {
      await kept.get();
    },
  };
}

/** The members of a JWK set; those of another shape are passed over, as RFC 7517 asks. */
export function readKeySet(document: JsonObject, from: string): JWK[] {
  if (!Array.isArray(document.keys)) throw new KeysUnreachable(`${from} holds no "keys"`);
  return document.keys.filter(isJwk);
}

function isJwk(value: unknown): value is JWK {
  return isRecord(value) && typeof value.kty === 'string';
}

/** Without a `kid` a new key shows only by a signature that no known key has made. */
function mayBeNewer(failure: unknown, kid: string | undefined): boolean {
  if (failure instanceof errors.JWKSNoMatchingKey) return true;
  return kid === undefined && failure instanceof errors.JWSSignatureVerificationFailed;
}

/** Why the signature does not count; undefined when it does. */
async function attempt(token: string, set: LocalJWKSet, algorithms: readonly string[]): Promise<unknown> {
  const options = { algorithms: [...algorithms] };
  try {
    await compactVerify(token, set, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return error;
    for await (const key of error) {
      const fits = await compactVerify(token, key, options).catch(() => undefined);
      if (fits !== undefined) return undefined;
    }
    return new errors.JWSSignatureVerificationFailed();
  }
}

function refusal(cause: unknown, detail: string): TokenRefused {
  if (cause instanceof errors.JWSSignatureVerificationFailed)
    return new TokenRefused('signature', `the signature does not match, ${detail}`, { cause });
  if (cause instanceof errors.JWSInvalid)
    return new TokenRefused('malformed', `the signature cannot be read, ${detail}`, { cause });
  // No such key, or one that is too weak, of another kind, or not a public one.
  return new TokenRefused('key', `there is no key to check it with, ${detail}`, { cause });
}
