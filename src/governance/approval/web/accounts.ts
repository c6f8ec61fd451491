/**
 * Accounts in the operator's files: an issuer and a user. The issuer must be exactly one of those that this server accepts.
 * With an extra slash it would match no token, so the file is rejected when it is read.
 */
import { typosBetween } from '../../../wire/mcp/nearest.js';
import { type JsonObject, preview } from '../../../wire/value.js';

export type ApproverAccount = { issuer: string; user: string };

/** Whose tokens this server accepts. */
export type Accepted = {
  issuers: readonly string[];
  /** The tenants that tokens of an issuer may name; without an entry it may name any. */
  tenants: ReadonlyMap<string, readonly string[]>;
};

const MAX_TYPOS = 6;

/** @throws RangeError that begins with `where` */
export function readText(where: string, member: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new RangeError(`${where}: "${member}": expected a non-empty string, received ${preview(value)}`);
}

/** @throws RangeError that begins with `where` and names the issuer that is probably meant */
export function readIssuer(where: string, account: JsonObject, { issuers }: Accepted): string {
  const issuer = readText(where, 'issuer', account.issuer);
  if (issuers.includes(issuer)) return issuer;
  const nearest = nearestIssuer(issuer, issuers);
  const hint = nearest === undefined ? '' : `; the nearest is ${preview(nearest)}`;
  throw new RangeError(
    `${where}: "issuer": expected exactly one of the accepted issuers (${issuers.join(', ')}), received ${preview(issuer)}${hint}`,
  );
}

function nearestIssuer(issuer: string, issuers: readonly string[]): string | undefined {
  // People leave these parts out, or believe that they make no difference.
  const core = (text: string): string => text.toLowerCase().replace(/^https?:\/\/|\/$/g, '');
  let nearest: { issuer: string; typos: number } | undefined;
  for (const other of issuers) {
    const typos = core(other) === core(issuer) ? 0 : typosBetween(issuer, other, MAX_TYPOS);
    if (typos !== undefined && typos < (nearest?.typos ?? Infinity)) nearest = { issuer: other, typos };
  }
  return nearest?.issuer;
}

/** @throws RangeError that begins with `where` when the issuer may not name this tenant */
export function readTenant(
  where: string,
  account: JsonObject,
  issuer: string,
  { tenants }: Pick<Accepted, 'tenants'>,
): string {
  const tenant = readText(where, 'tenant', account.tenant);
  // In routes the star stands for all tenants.
  if (tenant === '*') {
    throw new RangeError(`${where}: "tenant": expected the tenant of one person, received "*"`);
  }
  const allowed = tenants.get(issuer);
  if (allowed === undefined || allowed.includes(tenant)) return tenant;
  throw new RangeError(
    `${where}: "tenant": expected one that ${issuer} may name by --issuer-rules (${allowed.join(', ')}), received ${preview(tenant)}`,
  );
}
