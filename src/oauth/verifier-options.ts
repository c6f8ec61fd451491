/** The options of a verifier: their defaults and their checks. */
import { type After, after, now } from '../wire/clock.js';
import { canonicalResource, describe } from './audience.js';
import type { CacheOptions } from './cached-async.js';
import { createFetchJson, type FetchJson } from './fetch-json.js';
import type { Introspection } from './introspection.js';
import { createIssuerLimits, type IssuerRules, problemOf } from './issuer-rules.js';
import { ALGORITHMS, mediaType } from './jwt.js';
import type { WorkloadOptions } from './jwt-svid.js';
import { secureUrl } from './protected-resource.js';
import { createHierarchy } from './scopes.js';
import { CLIENT_CLAIMS, type TokenRules } from './token-claims.js';

export type IssuerOptions = IssuerRules & {
  /** Compared exactly, never normalised. */
  issuer: string;
  /** Accepts opaque tokens of this issuer; `url` defaults to the endpoint in the issuer's metadata. */
  introspection?: Introspection;
};

export type VerifierOptions = {
  issuers: readonly IssuerOptions[];
  workloads?: WorkloadOptions;
  /** Scopes that a scope includes: `{ 'jira:write': ['jira:read'] }`. */
  implies?: { [scope: string]: readonly string[] };
  /** Some of ALGORITHMS; all by default. */
  algorithms?: readonly string[];
  /** `at+jwt` by default, so that only access tokens are accepted (RFC 9068, section 4). */
  tokenTypes?: readonly string[];
  /** Claims that may name the client; the first that is present counts. `client_id`, `azp` and `cid` by default. */
  clientClaims?: readonly string[];
  clockToleranceS?: number;
  cacheEntries?: number;
  /** At most a minute. */
  cacheMs?: number;
  /** How long metadata and keys are reused. */
  keysMaxAgeMs?: number;
  /** The least time between two fetches that unknown keys cause. */
  keysCooldownMs?: number;
  /** The deadline of each fetch. */
  fetchMs?: number;
  clock?: () => Date;
  /** The timer of questions that wait for their turn. */
  after?: After;
  fetch?: typeof fetch;
};

export type TokenCacheOptions = { entries: number; ageMs: number; clock: () => Date };

export type VerifierSettings = {
  issuers: readonly IssuerOptions[];
  workloads: WorkloadOptions | undefined;
  algorithms: readonly string[];
  tokenTypes: readonly string[];
  rules: TokenRules;
  cacheOptions: CacheOptions;
  cache: TokenCacheOptions;
  fetchJson: FetchJson;
  after: After;
};

const MAX_CACHE_MS = 60_000;

/** @throws RangeError */
export function readSettings(options: VerifierOptions, resource: string): VerifierSettings {
  const { issuers, workloads, implies = {}, algorithms = ALGORITHMS, clock = now } = options;
  const { clientClaims = CLIENT_CLAIMS } = options;
  const tokenTypes = (options.tokenTypes ?? ['at+jwt']).map(mediaType);
  const limit = (name: LimitName, byDefault: number, max = Number.MAX_SAFE_INTEGER) =>
    readLimit(name, options[name] ?? byDefault, max);

  if (canonicalResource(resource) === undefined)
    throw new RangeError(`${resource} is not a resource identifier`);
  if (issuers.length === 0 && workloads === undefined)
    throw new RangeError('no token can be accepted without an issuer or workloads');
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length)
    throw new RangeError('an issuer is listed twice');
  for (const issuer of issuers) checkIssuer(issuer);
  if (workloads !== undefined && workloads.tenant === undefined && issuers.length > 0)
    throw new RangeError(
      'workloads: expected a "tenant", because there are other issuers as well, received none',
    );
  const unsafe = algorithms.find((one) => !ALGORITHMS.includes(one));
  if (unsafe !== undefined) throw new RangeError(`the algorithm ${describe(unsafe)} cannot be allowed`);
  if (algorithms.length === 0) throw new RangeError('no token can be accepted without an algorithm');
  if (tokenTypes.length === 0) throw new RangeError('no token can be accepted without a type');
  if (clientClaims.length === 0) throw new RangeError('no client can be identified without a claim');

  return {
    issuers,
    workloads,
    algorithms,
    tokenTypes,
    rules: {
      resource,
      toleranceS: limit('clockToleranceS', 5),
      clock,
      clientClaims,
      hierarchy: createHierarchy(implies),
      limits: createIssuerLimits(issuers, issuers.length + (workloads === undefined ? 0 : 1) > 1),
    },
    cacheOptions: {
      maxAgeMs: limit('keysMaxAgeMs', 600_000),
      cooldownMs: limit('keysCooldownMs', 2_000),
      clock,
    },
    cache: {
      entries: limit('cacheEntries', 10_000),
      ageMs: limit('cacheMs', MAX_CACHE_MS, MAX_CACHE_MS),
      clock,
    },
    after: options.after ?? after,
    fetchJson: createFetchJson(options.fetch, limit('fetchMs', 5_000, 2 ** 31 - 1)),
  };
}

type LimitName = {
  [Name in keyof VerifierOptions]-?: VerifierOptions[Name] extends number | undefined ? Name : never;
}[keyof VerifierOptions];

function readLimit(name: LimitName, value: number, max: number): number {
  // Also false for NaN, with which no check would ever fail.
  if (value >= 0 && value <= max) return value;
  throw new RangeError(`${name} must be from 0 to ${max}, received ${value}`);
}

function checkIssuer({ issuer, introspection, ...rules }: IssuerOptions): void {
  const url = secureUrl(issuer);
  if (url === undefined || issuer.includes('?') || issuer.includes('#'))
    throw new RangeError(`the issuer ${describe(issuer)} must be an https URL without query and fragment`);
  if (introspection?.url !== undefined && secureUrl(introspection.url) === undefined)
    throw new RangeError(`the introspection URL ${describe(introspection.url)} must be https`);
  const problem = problemOf(rules);
  if (problem !== undefined) throw new RangeError(`the issuer ${describe(issuer)}: ${problem}`);
}
