/**
 * Accounts in the operator's files, and which of them belong to one person. The issuer of an account must be exactly one of those
 * that this server accepts: with an extra slash it would match no token, so the file is rejected when it is read.
 */
import { parseJson } from '../../wire/jsonrpc/json.js';
import { typosBetween } from '../../wire/mcp/nearest.js';
import { isRecord, type JsonObject, preview } from '../../wire/value.js';
import type { IsOwn } from './approval.js';

export type ApproverAccount = { issuer: string; user: string };

/** Whose tokens this server accepts. */
export type AcceptedIssuers = {
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
export function readIssuer(where: string, account: JsonObject, { issuers }: AcceptedIssuers): string {
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
  { tenants }: Pick<AcceptedIssuers, 'tenants'>,
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

/** The same text for every account of one person. */
export type PersonOf = (account: ApproverAccount) => string;

const MAX_ACCOUNTS = 100_000;
/** Room for as many persons of one account each: a name, an item and two members. */
const FILE_BOUNDS = { depth: 8, members: 5 * MAX_ACCOUNTS };
const accountKey = ({ issuer, user }: ApproverAccount): string => JSON.stringify([issuer, user]);

export const oneAccountOnly: PersonOf = accountKey;

/** Whether the approver is the person who made the request, or who controls the program that made it. */
export function createIsOwn(personOf: PersonOf): IsOwn {
  return (approval, approver) => personOf(approval) === personOf(approver);
}

/**
 * Accounts of one person at several issuers or at one, and programs that the person controls. Without the file, each user of each
 * issuer is a separate person for four-eyes.
 * `{"persons": {"ada": [{"issuer": "https://…", "user": "ada@example.com"}, {"issuer": "https://…", "user": "ci-bot"}]}}`; a
 * program's user is the "sub" of its tokens.
 *
 * @throws RangeError that says what is wrong in the file
 */
export function readPersons(text: string, accepted: AcceptedIssuers): PersonOf {
  const value: unknown = parseJson(text, FILE_BOUNDS);
  const persons = isRecord(value) ? value.persons : undefined;
  if (!isRecord(persons)) {
    throw new RangeError(
      `expected {"persons": {"NAME": [{"issuer", "user"}]}}, received ${preview(persons ?? value)}`,
    );
  }
  const names = new Map<string, string>();
  for (const [name, accounts] of Object.entries(persons)) {
    if (!Array.isArray(accounts) || accounts.length === 0) {
      throw new RangeError(`${preview(name)}: expected a list of accounts, received ${preview(accounts)}`);
    }
    for (const [at, account] of accounts.entries()) {
      const where = `${preview(name)}, account ${at + 1}`;
      const members = isRecord(account) ? account : {};
      const issuer = readIssuer(where, members, accepted);
      const user = readText(where, 'user', members.user);
      const key = accountKey({ issuer, user });
      const owner = names.get(key);
      if (owner !== undefined) {
        throw new RangeError(`${where}: ${user} of ${issuer} is ${preview(owner)} already`);
      }
      names.set(key, name);
    }
    if (names.size > MAX_ACCOUNTS) throw new RangeError(`expected at most ${MAX_ACCOUNTS} accounts`);
  }
  return (account) => {
    const key = accountKey(account);
    const name = names.get(key);
    // An array of one, so that no name in the file equals the key of an account.
    return name === undefined ? key : JSON.stringify([name]);
  };
}
