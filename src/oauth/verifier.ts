/**
 * Verifies access tokens. A JWT is checked with the keys of the issuer it names, if that is configured; a JWT-SVID with
 * those of the trust domain. Any other token is opaque, and its issuer is asked.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
import { hash } from 'node:crypto';
import type { Principal } from '../wire/principal.js';
import { describe } from './audience.js';
import { createIntrospect, createIntrospectAny, type Introspect, type OpaqueToken } from './introspection.js';
import { addressShare } from './introspection-queue.js';
import { createIssuer, type Issuer } from './issuer-metadata.js';
import { isJwt, type Jwt, mediaType, readJwt } from './jwt.js';
import { createWorkloads } from './jwt-svid.js';
import { readClientId, readPrincipal, requireText } from './token-claims.js';
import { InvalidToken } from './token-errors.js';
import { readSettings, type TokenCacheOptions, type VerifierOptions } from './verifier-options.js';

export type { WorkloadOptions } from './jwt-svid.js';
export type { IssuerOptions, VerifierOptions } from './verifier-options.js';

export type Verifier = {
  /**
   * Returns a principal from the cache, or a promise that rejects with InvalidToken or IssuerUnreachable. Opaque tokens from
   * one client `address` share a limit on open introspection requests.
   */
  verify(token: string, address?: string): Principal | Promise<Principal>;
  /** Rejects with IssuerUnreachable while the keys of an issuer cannot be fetched. */
  ready(): Promise<void>;
};

const MAX_TOKEN = 16_384;
/** RFC 6750, section 2.1. */
const OPAQUE = /^[\w.~+/-]+=*$/;

/** `resource` is the audience that tokens must have. @throws RangeError */
export function createVerifier(options: VerifierOptions, resource: string): Verifier {
  const settings = readSettings(options, resource);
  const { algorithms, rules, tokenTypes } = settings;
  const issuers = new Map<string, Issuer>();
  const introspects: Introspect[] = [];
  for (const { issuer: name, introspection } of settings.issuers) {
    const issuer = createIssuer(name, settings);
    issuers.set(name, issuer);
    if (introspection !== undefined) introspects.push(createIntrospect(issuer, introspection, settings));
  }
  const workloads = settings.workloads && createWorkloads(settings.workloads, settings);
  const issuerNames = [...issuers.keys(), ...(workloads === undefined ? [] : [workloads.issuer])];

  const introspectAny = createIntrospectAny(introspects, settings.cache);
  async function checkToken(token: string, opaque: OpaqueToken): Promise<Principal> {
    if (isJwt(token)) return checkJwt(readJwt(token, algorithms));
    if (!OPAQUE.test(token))
      throw new InvalidToken('malformed', 'the token has characters that no token has');
    if (introspects.length > 0) return introspectAny(token, opaque);
    throw new InvalidToken('malformed', 'the token is not a JWT, and no issuer has introspection');
  }
  async function checkJwt(jwt: Jwt): Promise<Principal> {
    const { claims } = jwt;
    const issuer = typeof claims.iss === 'string' ? issuers.get(claims.iss) : undefined;
    if (issuer !== undefined) return checkAccessToken(jwt, issuer);
    if (workloads?.owns(claims)) return workloads.verify(jwt);
    const problem = claims.iss === undefined ? 'claims' : 'issuer';
    throw new InvalidToken(
      problem,
      `expected "iss" ${issuerNames.join(' or ')}, received ${describe(claims.iss)}`,
    );
  }
  async function checkAccessToken(jwt: Jwt, { issuer, keys }: Issuer): Promise<Principal> {
    const { text, kid, typ, claims } = jwt;
    if (typ === undefined || !tokenTypes.includes(mediaType(typ)))
      throw new InvalidToken(
        'type',
        `expected "typ" ${tokenTypes.join(' or ')}, received ${describe(typ)}; --token-types says which are accepted`,
      );
    await keys.checkSignature(text, kid);
    const [user, clientId] = [requireText(claims, 'sub'), readClientId(claims, rules.clientClaims)];
    return readPrincipal(claims, { issuer, required: ['exp', 'iat'], user, clientId }, rules);
  }

  const cache = new TokenCache(settings.cache);
  const pending = new Map<string, Promise<Principal>>();
  async function verifyOnce(token: string, opaque: OpaqueToken): Promise<Principal> {
    const { key } = opaque;
    try {
      const principal = await checkToken(token, opaque);
      cache.set(key, principal);
      return principal;
    } finally {
      pending.delete(key);
    }
  }
  return {
    verify(token, address) {
      if (token.length > MAX_TOKEN)
        return Promise.reject(new InvalidToken('too_long', `the token has ${token.length} characters`));
      const key = hash('sha256', token);
      const result = cache.get(key) ?? pending.get(key);
      if (result !== undefined) return result;
      const verifying = verifyOnce(token, { key, address: addressShare(address) });
      pending.set(key, verifying);
      return verifying;
    },
    async ready() {
      const all = [...issuers.values()].map(({ keys }) => keys.ready());
      await Promise.all(workloads === undefined ? all : [...all, workloads.ready()]);
    },
  };
}

/**
 * Verified tokens, so that a token that comes with every request is verified once a minute. Entries are keyed by digest and never outlive
 * their token. The price: a revoked token or withdrawn key works until the entry expires.
 */
export class TokenCache {
  readonly #entries = new Map<string, { principal: Principal; from: number; until: number }>();
  readonly #options: TokenCacheOptions;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Principal | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#options.clock().getTime();
    if (now >= entry.from && now < entry.until) return entry.principal;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, principal: Principal): void {
    const { entries, ageMs, clock } = this.#options;
    const from = clock().getTime();
    const until = Math.min(from + ageMs, (principal.expiresAt ?? Number.POSITIVE_INFINITY) * 1000);
    // Removed first, so that the map stays in the order of age.
    this.#entries.delete(key);
    if (until <= from) return;
    this.#entries.set(key, { principal, from, until });
    if (this.#entries.size <= entries) return;
    const [oldest = key] = this.#entries.keys();
    this.#entries.delete(oldest);
  }
}
