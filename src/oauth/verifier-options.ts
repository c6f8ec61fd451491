/** What a verifier can be told, what holds when it is not, and what it refuses to be told. */
import { now } from '../wire/clock.js';
import { canonicalResource, quoted } from './audience.js';
import type { CacheOptions } from './cached.js';
import { CLIENT_CLAIMS, type Rules } from './claims.js';
import { createFetchJson, type FetchJson } from './fetch-json.js';
import type { Introspection } from './introspection.js';
import { createIssuerLimits, type IssuerRules, problemOf } from './issuer-rules.js';
import { ALGORITHMS, mediaType } from './jwt.js';
import { createHierarchy } from './scopes.js';
import { secureUrl } from './secure-url.js';
import type { TokenCacheOptions } from './token-cache.js';
import type { WorkloadOptions } from './workloads.js';

export type IssuerOptions = IssuerRules & {
  /** Compared exactly, never normalised. */
  issuer: string;
  /** Lets opaque tokens of this issuer be asked about; the endpoint comes from the issuer's metadata unless given. */
  introspection?: Introspection;
};

export type VerifierOptions = {
  issuers: readonly IssuerOptions[];
  workloads?: WorkloadOptions;
  /** What a scope includes: `{ 'jira:write': ['jira:read'] }`. */
  implies?: { [scope: string]: readonly string[] };
  /** Unless told otherwise, all of ALGORITHMS. Nothing else can be allowed. */
  algorithms?: readonly string[];
  /** Unless told otherwise, only what says that it is an access token: `at+jwt` (RFC 9068, section 4). */
  tokenTypes?: readonly string[];
  /** Which claims may name the client, the first that is there; unless told otherwise `client_id`, `azp` and `cid`. */
  clientClaims?: readonly string[];
  clockToleranceS?: number;
  cacheEntries?: number;
  /** At most a minute. */
  cacheMs?: number;
  /** How long metadata and keys are believed without asking again. */
  keysMaxAgeMs?: number;
  /** The least time between two fetches of keys that an unknown key was the cause of. */
  keysCooldownMs?: number;
  /** The deadline of each fetch. */
  fetchMs?: number;
  clock?: () => Date;
  fetch?: typeof fetch;
};

export type Settings = {
  issuers: readonly IssuerOptions[];
  workloads: WorkloadOptions | undefined;
  algorithms: readonly string[];
  tokenTypes: readonly string[];
  rules: Rules;
  keeping: CacheOptions;
  cache: TokenCacheOptions;
  fetchJson: FetchJson;
};

const MAX_CACHE_MS = 60_000;

/** @throws RangeError */
export function readSettings(options: VerifierOptions, resource: string): Settings {
  const { issuers, workloads, implies = {}, algorithms = ALGORITHMS, clock = now } = options;
  const { clientClaims = CLIENT_CLAIMS } = options;
  const tokenTypes = (options.tokenTypes ?? ['at+jwt']).map(mediaType);
  const limit = (name: LimitName, otherwise: number, most = Number.MAX_SAFE_INTEGER) =>
    readLimit(name, options[name] ?? otherwise, most);

  if (canonicalResource(resource) === undefined)
    throw new RangeError(`${resource} is no resource identifier`);
  if (issuers.length === 0 && workloads === undefined)
    throw new RangeError('no token can be accepted without an issuer or workloads');
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length)
    throw new RangeError('an issuer is there twice');
  for (const issuer of issuers) checkIssuer(issuer);
  if (workloads !== undefined && workloads.tenant === undefined && issuers.length > 0)
    throw new RangeError(
      'workloads: expected a "tenant", because there are other issuers as well, received none',
    );
  const odd = algorithms.find((one) => !ALGORITHMS.includes(one));
  if (odd !== undefined) throw new RangeError(`the algorithm ${quoted(odd)} cannot be allowed`);
  if (algorithms.length === 0) throw new RangeError('no token can be accepted without an algorithm');
  if (tokenTypes.length === 0) throw new RangeError('no token can be accepted without a type');
  if (clientClaims.length === 0) throw new RangeError('no client can be known without a claim');

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
    keeping: {
      maxAgeMs: limit('keysMaxAgeMs', 600_000),
      cooldownMs: limit('keysCooldownMs', 2_000),
      clock,
    },
    cache: {
      entries: limit('cacheEntries', 10_000),
      ageMs: limit('cacheMs', MAX_CACHE_MS, MAX_CACHE_MS),
      clock,
    },
    fetchJson: createFetchJson(options.fetch ?? fetch, limit('fetchMs', 5_000, 2 ** 31 - 1)),
  };
}

type LimitName = {
  [Name in keyof VerifierOptions]-?: VerifierOptions[Name] extends number | undefined ? Name : never;
}[keyof VerifierOptions];

function readLimit(name: LimitName, value: number, most: number): number {
  // Not a number would compare as false with everything, and so switch the check off.
  if (value >= 0 && value <= most) return value;
  throw new RangeError(`${name} must be from 0 to ${most}, received ${value}`);
}

function checkIssuer({ issuer, introspection, ...rules }: IssuerOptions): void {
  const url = secureUrl(issuer);
  if (url === undefined || issuer.includes('?') || issuer.includes('#'))
    throw new RangeError(`the issuer ${quoted(issuer)} must be an https URL without query and fragment`);
  if (introspection?.url !== undefined && secureUrl(introspection.url) === undefined)
    throw new RangeError(`the introspection URL ${quoted(introspection.url)} must be https`);
  const problem = problemOf(rules);
  if (problem !== undefined) throw new RangeError(`the issuer ${quoted(issuer)}: ${problem}`);
}
