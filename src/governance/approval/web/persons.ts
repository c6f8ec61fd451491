/**
 * Which accounts belong to one person, as the operator's file says: accounts at several issuers, several accounts at one issuer,
 * and programs under that person's control. Without the file each user of each issuer counts as a separate person for four-eyes.
 */

import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import type { IsOwn } from '../approval.js';
import { type Accepted, type ApproverAccount, readIssuer, readText } from './accounts.js';

/** The same text for every account of one person. */
export type PersonOf = (account: ApproverAccount) => string;

const MAX_ACCOUNTS = 100_000;
const accountKey = ({ issuer, user }: ApproverAccount): string => JSON.stringify([issuer, user]);

export const oneAccountOnly: PersonOf = accountKey;

/** Whether the approver is the person who asked, or the person behind the program that asked. */
export function createIsOwn(personOf: PersonOf): IsOwn {
  return (approval, approver) => personOf(approval) === personOf(approver);
}

/**
 * `{"persons": {"ada": [{"issuer": "https://…", "user": "ada@example.com"}, {"issuer": "https://…", "user": "ci-bot"}]}}`; a
 * program's user is the "sub" of its tokens.
 *
 * @throws RangeError that names what is wrong in the file's text
 */
export function readPersons(text: string, accepted: Accepted): PersonOf {
  const value: unknown = parseJson(text);
  const persons = isRecord(value) ? value.persons : undefined;
  if (!isRecord(persons))
    throw new RangeError(
      `expected {"persons": {"NAME": [{"issuer", "user"}]}}, received ${preview(persons ?? value)}`,
    );
  const names = new Map<string, string>();
  for (const [name, accounts] of Object.entries(persons)) {
    if (!Array.isArray(accounts) || accounts.length === 0)
      throw new RangeError(`${preview(name)}: expected a list of accounts, received ${preview(accounts)}`);
    accounts.forEach((one: unknown, at) => {
      const where = `${preview(name)}, account ${at + 1}`;
      const given = isRecord(one) ? one : {};
      const account = {
        issuer: readIssuer(where, given, accepted),
        user: readText(where, 'user', given.user),
      };
      const key = accountKey(account);
      const other = names.get(key);
      if (other !== undefined)
        throw new RangeError(`${where}: ${account.user} of ${account.issuer} is ${preview(other)} already`);
      names.set(key, name);
    });
    if (names.size > MAX_ACCOUNTS) throw new RangeError(`expected at most ${MAX_ACCOUNTS} accounts`);
  }
  // An array of one, so that no name in the file reads like an account.
  return (account) => {
    const name = names.get(accountKey(account));
    return name === undefined ? accountKey(account) : JSON.stringify([name]);
  };
}
