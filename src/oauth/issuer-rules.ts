/**
 * The rules of each issuer: the tenants that its tokens may name, the scopes that they may grant, and the tenant of a token that
 * names none. A tenant's name is unique within its issuer only, so with several issuers no token gets a default tenant that no
 * operator chose. The rules are found by the verified issuer, which must match exactly.
 */
import { isRecord, preview } from '../wire/value.js';
import { quoted } from './audience.js';
import { isScope } from './scopes.js';
import { TokenRefused } from './token-refused.js';

export type IssuerRules = {
  /** The tenants that its tokens may name; any by default. */
  tenants?: readonly string[];
  /** The scopes that its tokens may grant; others are dropped. All by default. */
  scopes?: readonly string[];
  /** The tenant of a token without a "tenant" claim. */
  tenant?: string;
};

export type IssuerLimits = {
  /** @throws TokenRefused when the token names no tenant but must, or names one that its issuer may not name. */
  tenantOf(issuer: string, claimed: string | undefined): string;
  /** The given scopes without those that the issuer may not grant. */
  grantable(issuer: string, scopes: readonly string[]): readonly string[];
};

/** The default tenant when there is only one issuer. */
const ONLY_TENANT = 'default';
/** How many tenants a log line names. */
const MAX_NAMED = 8;

/** `several`: there is more than one issuer. */
export function createIssuerLimits(
  issuers: readonly (IssuerRules & { issuer: string })[],
  several: boolean,
): IssuerLimits {
  const limits = new Map(
    issuers.map(({ issuer, tenants, scopes, tenant }) => [
      issuer,
      { tenants: tenants && new Set(tenants), scopes: scopes && new Set(scopes), tenant },
    ]),
  );
  return {
    tenantOf(issuer, claimed) {
      const { tenants, tenant } = limits.get(issuer) ?? {};
      const name = claimed ?? tenant ?? (several ? undefined : ONLY_TENANT);
      if (name === undefined) {
        throw new TokenRefused(
          'tenant',
          `expected a "tenant" claim, because several issuers are accepted, received none; "tenant" in --issuer-rules can say which tenant tokens of ${issuer} without one belong to`,
        );
      }
      if (tenants === undefined || tenants.has(name)) return name;
      throw new TokenRefused(
        'tenant',
        `expected the tenant ${named([...tenants])}, received ${quoted(name)}; "tenants" in --issuer-rules says which tenants ${issuer} may name`,
      );
    },
    grantable(issuer, scopes) {
      const allowed = limits.get(issuer)?.scopes;
      return allowed === undefined ? scopes : scopes.filter((scope) => allowed.has(scope));
    },
  };
}

/** What is wrong with the rules of one issuer: the member, the expected and the received value. */
export function problemOf(rules: { [member: string]: unknown }): string | undefined {
  const { tenants, scopes, tenant, ...others } = rules;
  const [odd] = Object.keys(others);
  if (odd !== undefined)
    return `member ${quoted(odd)}: expected "tenants", "scopes" or "tenant", received another name`;
  if (tenants !== undefined && !isList(tenants, isName))
    return `member "tenants": expected a list of at least one name, received ${preview(tenants)}`;
  if (scopes !== undefined && !isList(scopes, isScope))
    return `member "scopes": expected a list of at least one scope, received ${preview(scopes)}`;
  if (tenant === undefined) return undefined;
  if (!isName(tenant)) return `member "tenant": expected a name, received ${preview(tenant)}`;
  if (tenants === undefined || tenants.includes(tenant)) return undefined;
  return `member "tenant": expected one of "tenants", ${named(tenants)}, received ${quoted(tenant)}`;
}

/**
 * The rules of each issuer, as a file has them: `{"https://a.example": {"tenants": […], "scopes": […], "tenant": "…"}}`.
 *
 * @throws Error that names the file, the issuer, the member, and the expected and received values
 */
export function readIssuerRules(
  value: unknown,
  file: string,
  issuers: readonly string[],
): ReadonlyMap<string, IssuerRules> {
  const wrong = (problem: string): Error => new Error(`--issuer-rules ${file}: ${problem}`);
  if (!isRecord(value))
    throw wrong(`expected {"ISSUER": {"tenants", "scopes", "tenant"}}, received ${preview(value)}`);
  return new Map(
    Object.entries(value).map(([issuer, rules]) => {
      if (!issuers.includes(issuer))
        throw wrong(`issuer ${quoted(issuer)}: expected exactly one of --issuer: ${issuers.join(', ')}`);
      if (!isRecord(rules))
        throw wrong(`issuer ${quoted(issuer)}: expected an object, received ${preview(rules)}`);
      const problem = problemOf(rules);
      if (problem !== undefined) throw wrong(`issuer ${quoted(issuer)}: ${problem}`);
      return [issuer, rules];
    }),
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isList<T>(value: unknown, isOne: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.length > 0 && value.every(isOne);
}

function named(tenants: readonly string[]): string {
  const more = tenants.length > MAX_NAMED ? ` or ${tenants.length - MAX_NAMED} others` : '';
  return tenants.slice(0, MAX_NAMED).map(quoted).join(' or ') + more;
}
