/**
 * Who stands behind an access token: the one door to everything else in this room that judges tokens. A JWT is checked
 * with the keys of the issuer it names, when that is one of those configured; a JWT-SVID with those of the trust
 * domain; anything else is opaque, and its issuer is asked. What the principal may do is not decided here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
import type { Principal } from '../wire/principal.js';
import { quoted } from './audience.js';
import { readClientId, readPrincipal, requireText } from './claims.js';
import { type Bearer, createIntrospect, createIntrospectAny, type Introspect } from './introspection.js';
import { createIssuer, type Issuer } from './issuer.js';
import { isJwt, type Jwt, mediaType, readJwt } from './jwt.js';
import { addressShare } from './question-turns.js';
import { TokenCache, tokenKey } from './token-cache.js';
import { TokenRefused } from './token-refused.js';
import { readSettings, type VerifierOptions } from './verifier-options.js';
import { createWorkloads } from './workloads.js';

export type { IssuerOptions, VerifierOptions } from './verifier-options.js';
export type { WorkloadOptions } from './workloads.js';

export type Verifier = {
  /**
   * Returns at once when the token was verified a moment ago, else a promise, which rejects TokenRefused | KeysUnreachable.
   * `address` is the client's address; tokens from one address share a limit of open questions to the issuer.
   */
  verify(token: string, address?: string): Principal | Promise<Principal>;
  /** Rejects KeysUnreachable while there is an issuer whose keys cannot be had. */
  ready(): Promise<void>;
};

const MAX_TOKEN = 16_384;
/** RFC 6750, section 2.1. */
const OPAQUE = /^[\w.~+/-]+=*$/;

/**
 * `resource` is the identifier of the server that the tokens must be for.
 *
 * @throws RangeError
 */
export function createVerifier(options: VerifierOptions, resource: string): Verifier {
  const settings = readSettings(options, resource);
  const { algorithms, rules, fetchJson, tokenTypes } = settings;
  const issuers = new Map<string, Issuer>();
  const introspects: Introspect[] = [];
  for (const { issuer: name, introspection } of settings.issuers) {
    const issuer = createIssuer(name, settings);
    issuers.set(name, issuer);
    if (introspection !== undefined)
      introspects.push(createIntrospect(issuer, introspection, fetchJson, rules));
  }
  const workloads = settings.workloads && createWorkloads(settings.workloads, settings);
  const vouching = [...issuers.keys(), ...(workloads === undefined ? [] : [workloads.issuer])];

  const introspectAny = createIntrospectAny(introspects, settings.cache);
  async function judge(token: string, bearer: Bearer): Promise<Principal> {
    if (isJwt(token)) return judgeJwt(readJwt(token, algorithms));
    if (!OPAQUE.test(token)) throw new TokenRefused('malformed', 'the token has characters that none has');
    if (introspects.length > 0) return introspectAny(token, bearer);
    throw new TokenRefused('malformed', 'the token is no JWT, and no issuer is asked about others');
  }
  async function judgeJwt(jwt: Jwt): Promise<Principal> {
    const { claims } = jwt;
    const issuer = typeof claims.iss === 'string' ? issuers.get(claims.iss) : undefined;
    if (issuer !== undefined) return judgeAccessToken(jwt, issuer);
    if (workloads?.own(claims)) return workloads.verify(jwt);
    const problem = claims.iss === undefined ? 'claims' : 'issuer';
    throw new TokenRefused(
      problem,
      `expected "iss" ${vouching.join(' or ')}, received ${quoted(claims.iss)}`,
    );
  }
  async function judgeAccessToken(jwt: Jwt, { issuer, keys }: Issuer): Promise<Principal> {
    const { text, kid, typ, claims } = jwt;
    if (typ === undefined || !tokenTypes.includes(mediaType(typ)))
      throw new TokenRefused(
        'type',
        `expected "typ" ${tokenTypes.join(' or ')}, received ${quoted(typ)}; --token-types says which are accepted`,
      );
    await keys.checkSignature(text, kid);
    const [user, clientId] = [requireText(claims, 'sub'), readClientId(claims, rules.clientClaims)];
    return readPrincipal(claims, { issuer, required: ['exp', 'iat'], user, clientId }, rules);
  }

  const cache = new TokenCache(settings.cache);
  const pending = new Map<string, Promise<Principal>>();
  async function verifyOnce(token: string, bearer: Bearer): Promise<Principal> {
    const { key } = bearer;
    try {
      const principal = await judge(token, bearer);
      cache.set(key, principal);
      return principal;
    } finally {
      pending.delete(key);
    }
  }
  return {
    verify(token, address) {
      if (token.length > MAX_TOKEN)
        return Promise.reject(new TokenRefused('too_long', `the token has ${token.length} characters`));
      const key = tokenKey(token);
      const known = cache.get(key) ?? pending.get(key);
      if (known !== undefined) return known;
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
