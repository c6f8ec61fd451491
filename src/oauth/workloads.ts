/**
 * Workloads of one SPIFFE trust domain, which show a JWT-SVID: its keys are those that the domain's trust bundle sets
 * apart for that, and what each workload may do is configured by its exact id.
 *
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md
 */
import type { Principal } from '../wire/principal.js';
import type { JsonObject } from '../wire/value.js';
import { quoted } from './audience.js';
import type { CacheOptions } from './cached.js';
import { type Rules, readPrincipal, requireText } from './claims.js';
import type { FetchJson } from './fetch-json.js';
import { checkAlgorithm, type Jwt } from './jwt.js';
import { createKeys } from './keys.js';
import { APPROVED, isScope } from './scopes.js';
import { TokenRefused } from './token-refused.js';
import { checkBundle, readBundleKeys } from './trust-bundle.js';

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
  /** Whether the claims speak for a workload of this trust domain. */
  own(claims: JsonObject): boolean;
  /** Rejects TokenRefused | KeysUnreachable. */
  verify(jwt: Jwt): Promise<Principal>;
  ready(): Promise<void>;
};

export type WorkloadTools = {
  fetchJson: FetchJson;
  algorithms: readonly string[];
  keeping: CacheOptions;
  rules: Rules;
};

/** EdDSA is not among those of the standard. */
const SVID_ALGORITHM = /^(RS|PS|ES)(256|384|512)$/;

/** @throws RangeError */
export function createWorkloads(options: WorkloadOptions, tools: WorkloadTools): Workloads {
  const { trustDomain, bundle, tenant } = options;
  const issuer = `spiffe://${trustDomain}`;
  const scopes = readConfigured(options);
  const algorithms = tools.algorithms.filter((one) => SVID_ALGORITHM.test(one));
  if (algorithms.length === 0)
    throw new RangeError('no algorithm is allowed that a JWT-SVID can be signed with');
  const load = () => readBundleKeys(bundle, tools.fetchJson);
  const keys = createKeys({ owner: issuer, load, algorithms, keeping: tools.keeping });
  return {
    issuer,
    own: ({ sub }) => typeof sub === 'string' && sub.startsWith(`${issuer}/`),
    async verify(jwt) {
      checkAlgorithm(jwt.alg, algorithms);
      if (jwt.typ !== undefined && jwt.typ !== 'JWT' && jwt.typ !== 'JOSE')
        throw new TokenRefused('type', `expected "typ" JWT or JOSE, received ${quoted(jwt.typ)}`);
      const user = requireText(jwt.claims, 'sub');
      if (!isSpiffeId(user, trustDomain))
        throw new TokenRefused('claims', `"sub" is no SPIFFE id of ${trustDomain}: ${quoted(user)}`);
      await keys.checkSignature(jwt.text, jwt.kid);
      const voucher = { issuer, user, clientId: user, tenant, scopes: scopes.get(user) ?? [] };
      return readPrincipal(jwt.claims, { ...voucher, required: ['exp'] }, tools.rules);
    },
    ready: () => keys.ready(),
  };
}

function readConfigured({ trustDomain, bundle, scopes, tenant }: WorkloadOptions) {
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain)) throw new RangeError(`${trustDomain} is no trust domain`);
  if (tenant === '') throw new RangeError('the tenant of workloads must not be empty');
  checkBundle(bundle);
  const configured = new Map(Object.entries(scopes));
  for (const [id, granted] of configured) {
    if (!isSpiffeId(id, trustDomain)) throw new RangeError(`${id} is no SPIFFE id of ${trustDomain}`);
    const odd = granted.find((scope) => !isScope(scope) || scope === APPROVED);
    if (odd !== undefined) throw new RangeError(`${quoted(odd)} cannot be a scope of the workload ${id}`);
  }
  return configured;
}

/** Compared as it stands: each part of the path is letters, digits, dots, dashes and underscores, and no `.` or `..`. */
function isSpiffeId(id: string, trustDomain: string): boolean {
  const start = `spiffe://${trustDomain}/`;
  if (!id.startsWith(start) || id.length > 2048) return false;
  const parts = id.slice(start.length).split('/');
  return parts.every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..');
}
