/**
 * Accounts of people in the operator's files: an issuer and a user. The issuer must match an accepted one exactly. With a slash
 * too many it would match no token, so the file is refused when it is read.
 */
import { typosBetween } from '../../../wire/mcp/nearest.js';
import { type JsonObject, preview } from '../../../wire/value.js';

export type ApproverAccount = { issuer: string; user: string };

/** Whose tokens are accepted. */
export type Accepted = {
  issuers: readonly string[];
  /** The tenants that tokens of an issuer may name; undefined when any are allowed. */
  tenants: ReadonlyMap<string, readonly string[]>;
};

const MAX_TYPOS = 6;
const FAR = Number.POSITIVE_INFINITY;
/** Parts that people leave out or believe to make no difference. */
const bare = (issuer: string): string => issuer.toLowerCase().replace(/^https?:\/\/|\/$/g, '');

/** @throws RangeError that begins with `where` */
export function readText(where: string, member: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new RangeError(`${where}: "${member}": expected a non-empty string, received ${preview(value)}`);
}

/** @throws RangeError that begins with `where` and names the issuer that is probably meant */
export function readIssuer(where: string, one: JsonObject, { issuers }: Accepted): string {
  const issuer = readText(where, 'issuer', one.issuer);
  if (issuers.includes(issuer)) return issuer;
  const nearest = issuers
    .map((known) => ({
      known,
      typos: bare(known) === bare(issuer) ? 0 : (typosBetween(issuer, known, MAX_TYPOS) ?? FAR),
    }))
    .sort((one, other) => one.typos - other.typos)[0];
  const meant =
    nearest === undefined || nearest.typos === FAR ? '' : `; the nearest is ${preview(nearest.known)}`;
  throw new RangeError(
    `${where}: "issuer": expected exactly one of the accepted issuers (${issuers.join(', ')}), received ${preview(issuer)}${meant}`,
  );
}

/** @throws RangeError that begins with `where` when the issuer may not name this tenant */
export function readTenant(
  where: string,
  one: JsonObject,
  issuer: string,
  { tenants }: Pick<Accepted, 'tenants'>,
): string {
  const tenant = readText(where, 'tenant', one.tenant);
  // In routes it stands for all of them.
  if (tenant === '*')
    throw new RangeError(`${where}: "tenant": expected the tenant of one person, received "*"`);
  const allowed = tenants.get(issuer);
  if (allowed === undefined || allowed.includes(tenant)) return tenant;
  throw new RangeError(
    `${where}: "tenant": expected one that ${issuer} may name by --issuer-rules (${allowed.join(', ')}), received ${preview(tenant)}`,
  );
}
