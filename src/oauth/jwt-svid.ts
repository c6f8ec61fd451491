/**
 * JWT-SVIDs, the tokens of workloads in one SPIFFE trust domain. The domain's trust bundle, from a file or over HTTP,
 * contains the keys that may sign them. What each workload may do is configured by its exact SPIFFE id.
 *
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md
 * @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md
 */
import { readFile, stat } from 'node:fs/promises';
import type { JWK } from 'jose';
import { parseJson } from '../wire/jsonrpc/json.js';
import type { Principal } from '../wire/principal.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import { describe } from './audience.js';
import type { CacheOptions } from './cached-async.js';
import type { FetchedJson, FetchJson } from './fetch-json.js';
import { createKeys, readKeySet } from './jwks.js';
import { checkAlgorithm, type Jwt } from './jwt.js';
import { secureUrl } from './protected-resource.js';
import { APPROVED, isScope } from './scopes.js';
import { readPrincipal, requireText, type TokenRules } from './token-claims.js';
import { InvalidToken, IssuerUnreachable } from './token-errors.js';

export type WorkloadOptions = {
  trustDomain: string;
  /** A trust bundle: the path of a file, or an http(s) URL. */
  bundle: string;
  scopes: { [spiffeId: string]: readonly string[] };
  /** Replaces the token's own tenant; required when there are other issuers as well. */
  tenant?: string;
};

export type Workloads = {
  issuer: string;
  /** Whether the token's subject is in this trust domain. */
  owns(claims: JsonObject): boolean;
  /** Rejects with InvalidToken or IssuerUnreachable. */
  verify(jwt: Jwt): Promise<Principal>;
  ready(): Promise<void>;
};

export type WorkloadTools = {
  fetchJson: FetchJson;
  algorithms: readonly string[];
  cacheOptions: CacheOptions;
  rules: TokenRules;
};

/** The standard's algorithms, which do not include EdDSA. */
const SVID_ALGORITHM = /^(RS|PS|ES)(256|384|512)$/;

/** @throws RangeError */
export function createWorkloads(options: WorkloadOptions, tools: WorkloadTools): Workloads {
  const { trustDomain, bundle, tenant } = options;
  const issuer = `spiffe://${trustDomain}`;
  const scopes = readScopesById(options);
  const algorithms = tools.algorithms.filter((one) => SVID_ALGORITHM.test(one));
  if (algorithms.length === 0)
    throw new RangeError('no algorithm is allowed that a JWT-SVID can be signed with');
  const load = () => readBundleKeys(bundle, tools.fetchJson);
  const keys = createKeys({ issuer, load, algorithms, cacheOptions: tools.cacheOptions });
  return {
    issuer,
    owns: ({ sub }) => typeof sub === 'string' && sub.startsWith(`${issuer}/`),
    async verify(jwt) {
      checkAlgorithm(jwt.alg, algorithms);
      if (jwt.typ !== undefined && jwt.typ !== 'JWT' && jwt.typ !== 'JOSE')
        throw new InvalidToken('type', `expected "typ" JWT or JOSE, received ${describe(jwt.typ)}`);
      const user = requireText(jwt.claims, 'sub');
      if (!isSpiffeId(user, trustDomain))
        throw new InvalidToken('claims', `"sub" is not a SPIFFE id of ${trustDomain}: ${describe(user)}`);
      await keys.checkSignature(jwt.text, jwt.kid);
      const origin = { issuer, user, clientId: user, tenant, scopes: scopes.get(user) ?? [] };
      return readPrincipal(jwt.claims, { ...origin, required: ['exp'] }, tools.rules);
    },
    ready: () => keys.ready(),
  };
}

function readScopesById({ trustDomain, bundle, scopes, tenant }: WorkloadOptions) {
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain)) throw new RangeError(`${trustDomain} is no trust domain`);
  if (tenant === '') throw new RangeError('the tenant of workloads must not be empty');
  // A bundle must not come over a connection that others can change.
  if (bundle === '' || (isUrl(bundle) && secureUrl(bundle) === undefined))
    throw new RangeError(`the trust bundle ${JSON.stringify(bundle)} must be a file or an https URL`);
  const configured = new Map(Object.entries(scopes));
  for (const [id, granted] of configured) {
    if (!isSpiffeId(id, trustDomain)) throw new RangeError(`${id} is not a SPIFFE id of ${trustDomain}`);
    const invalid = granted.find((scope) => !isScope(scope) || scope === APPROVED);
    if (invalid !== undefined)
      throw new RangeError(`${describe(invalid)} cannot be a scope of the workload ${id}`);
  }
  return configured;
}

/** Without normalization: each part of the path is letters, digits, dots, dashes and underscores, but not `.` or `..`. */
function isSpiffeId(id: string, trustDomain: string): boolean {
  const start = `spiffe://${trustDomain}/`;
  if (!id.startsWith(start) || id.length > 2048) return false;
  const parts = id.slice(start.length).split('/');
  return parts.every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..');
}

const MAX_BUNDLE_BYTES = 1_048_576;

/** The keys for JWT-SVIDs, without their `use`, which no JWK library knows. The others sign X.509 certificates. */
async function readBundleKeys(bundle: string, fetchJson: FetchJson): Promise<JWK[]> {
  const answer = isUrl(bundle) ? await fetchJson(new URL(bundle)) : await readBundleFile(bundle);
  if ('problem' in answer) throw new IssuerUnreachable(answer.problem);
  const keys = readKeySet(answer.document, bundle);
  return keys
    .filter(({ use, kid }) => use === 'jwt-svid' && kid !== undefined)
    .map(({ use: _, ...key }) => key);
}

async function readBundleFile(path: string): Promise<FetchedJson> {
  let document: unknown;
  try {
    const { size } = await stat(path);
    if (size > MAX_BUNDLE_BYTES) throw new Error(`longer than ${MAX_BUNDLE_BYTES} bytes`);
    document = parseJson(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new IssuerUnreachable(`the trust bundle ${path} cannot be read`, { cause });
  }
  return isRecord(document) ? { document } : { problem: `the trust bundle ${path} holds no JSON object` };
}

function isUrl(bundle: string): boolean {
  return /^https?:\/\//i.test(bundle);
}
