/**
 * Which accounts belong to one person, from the operator's file: accounts at several issuers, several accounts at one issuer,
 * and programs that the person controls. Without the file each user of each issuer is a separate person for four-eyes.
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

/** Whether the approver is the person who asked, or who controls the program that asked. */
export function createIsOwn(personOf: PersonOf): IsOwn {
  return (approval, approver) => personOf(approval) === personOf(approver);
}

/**
 * `{"persons": {"ada": [{"issuer": "https://…", "user": "ada@example.com"}, {"issuer": "https://…", "user": "ci-bot"}]}}`; a
 * program's user is the "sub" of its tokens.
 *
 * @throws RangeError that says what is wrong in the file
 */
export function readPersons(text: string, accepted: Accepted): PersonOf {
  const value: unknown = parseJson(text);
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
      const { issuer, user } = readAccount(where, account, accepted);
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

function readAccount(where: string, value: unknown, accepted: Accepted): ApproverAccount {
  const account = isRecord(value) ? value : {};
  return { issuer: readIssuer(where, account, accepted), user: readText(where, 'user', account.user) };
}
