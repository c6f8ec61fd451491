/**
 * The rules of each issuer: the tenants that its tokens may name, the scopes that they may grant, and the tenant of a token
 * that names none. A tenant's name is unique only within its issuer, so with several issuers no token gets a default tenant
 * that no operator chose.
 */
import { isRecord, preview } from '../wire/value.js';
import { describe } from './audience.js';
import { isScope } from './scopes.js';
import { InvalidToken } from './token-errors.js';

export type IssuerRules = {
  /** The tenants that its tokens may name; any by default. */
  tenants?: readonly string[];
  /** The scopes that its tokens may grant; others are dropped. All by default. */
  scopes?: readonly string[];
  /** The tenant of a token without a "tenant" claim. */
  tenant?: string;
};

export type IssuerLimits = {
  /** @throws InvalidToken when a required tenant is missing, or is not one that the issuer may name */
  tenantOf(issuer: string, claimedTenant: string | undefined): string;
  /** The scopes without those that the issuer may not grant. */
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
    tenantOf(issuer, claimedTenant) {
      const { tenants, tenant } = limits.get(issuer) ?? {};
      const name = claimedTenant ?? tenant ?? (several ? undefined : ONLY_TENANT);
      if (name === undefined) {
        throw new InvalidToken(
          'tenant',
          `expected a "tenant" claim, because several issuers are accepted, received none; "tenant" in --issuer-rules can say which tenant tokens of ${issuer} without one belong to`,
        );
      }
      if (tenants === undefined || tenants.has(name)) return name;
      throw new InvalidToken(
        'tenant',
        `expected the tenant ${listTenants([...tenants])}, received ${describe(name)}; "tenants" in --issuer-rules says which tenants ${issuer} may name`,
      );
    },
    grantable(issuer, scopes) {
      const allowed = limits.get(issuer)?.scopes;
      return allowed === undefined ? scopes : scopes.filter((scope) => allowed.has(scope));
    },
  };
}

/** Describes what is wrong with the rules of one issuer: member, expected and received value. */
export function problemOf(rules: { [member: string]: unknown }): string | undefined {
  const { tenants, scopes, tenant, ...others } = rules;
  const [unknownMember] = Object.keys(others);
  if (unknownMember !== undefined)
    return `member ${describe(unknownMember)}: expected "tenants", "scopes" or "tenant", received another name`;
  if (tenants !== undefined && !isList(tenants, isName))
    return `member "tenants": expected a list of at least one name, received ${preview(tenants)}`;
  if (scopes !== undefined && !isList(scopes, isScope))
    return `member "scopes": expected a list of at least one scope, received ${preview(scopes)}`;
  if (tenant === undefined) return undefined;
  if (!isName(tenant)) return `member "tenant": expected a name, received ${preview(tenant)}`;
  if (tenants === undefined || tenants.includes(tenant)) return undefined;
  return `member "tenant": expected one of "tenants", ${listTenants(tenants)}, received ${describe(tenant)}`;
}

/**
 * Reads the rules file: `{"https://a.example": {"tenants": […], "scopes": […], "tenant": "…"}}`.
 *
 * @throws Error that names the file, the issuer, the member, and the expected and received values
 */
export function readIssuerRules(
  value: unknown,
  file: string,
  issuers: readonly string[],
): ReadonlyMap<string, IssuerRules> {
  const invalid = (problem: string): Error => new Error(`--issuer-rules ${file}: ${problem}`);
  if (!isRecord(value))
    throw invalid(`expected {"ISSUER": {"tenants", "scopes", "tenant"}}, received ${preview(value)}`);
  return new Map(
    Object.entries(value).map(([issuer, rules]) => {
      if (!issuers.includes(issuer))
        throw invalid(`issuer ${describe(issuer)}: expected exactly one of --issuer: ${issuers.join(', ')}`);
      if (!isRecord(rules))
        throw invalid(`issuer ${describe(issuer)}: expected an object, received ${preview(rules)}`);
      const problem = problemOf(rules);
      if (problem !== undefined) throw invalid(`issuer ${describe(issuer)}: ${problem}`);
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

function listTenants(tenants: readonly string[]): string {
  const more = tenants.length > MAX_NAMED ? ` or ${tenants.length - MAX_NAMED} others` : '';
  return tenants.slice(0, MAX_NAMED).map(describe).join(' or ') + more;
}
