/**
 * Every rule of the policy as a row of a table: what it says, where it stands in TypeScript and in Rego, and which test
 * fails without it. All of it is read from the sources, so that the table cannot name anything that does not exist.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULES } from '../../src/governance/policy/rules.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Place = { file: string; line: number };
/** `test` is the title of what fails without the rule. */
export type Standing = Place & { test: string; testFile: string };
export type Row = { id: string; says: string; typescript: Standing; rego: Standing };

/** Not a rule over calls but over what comes back: it has its place in both policies too. */
const MASK = {
  id: 'mask',
  says: 'Columns named email, phone or ssn are masked unless the token holds pii:read.',
};

const RULES_TS = 'src/governance/policy/rules.ts';
const COLUMNS_TS = 'src/governance/policy/columns.ts';
const REGO = 'src/governance/policy/policy.rego';
const REGO_TESTS = 'src/governance/policy/policy_test.rego';

export function rows(): Row[] {
  const rules = RULES.map(({ id, says }) => ({
    id,
    says,
    typescript: standing(RULES_TS, `    id: '${id}',`, 'test/policy/rules.test.ts', `test('(${id}: .*)', `),
    rego: standing(REGO, `passes contains "${id}"`, REGO_TESTS, `(test_${id.replaceAll('-', '_')}\\w*) if`),
  }));
  const mask = {
    ...MASK,
    typescript: standing(
      COLUMNS_TS,
      'export function maskedColumns',
      'test/policy/columns.test.ts',
      "test('(personal columns are masked unless .*)', ",
    ),
    rego: standing(REGO, 'mask := personal_columns', REGO_TESTS, '(test_masks_personal_columns\\w*) if'),
  };
  return [...rules, mask];
}

export function table(): string {
  const where = ({ file, line }: Place) => `\`${file.replace('src/governance/policy/', '')}:${line}\``;
  const failing = ({ test }: Standing) => test.replaceAll('|', '\\|');
  const inFile = ({ testFile }: Standing) => `\`${testFile.replace('test/policy/', '')}\``;
  return [
    '| rule | what it says | TypeScript | fails without it, in `test/policy` | Rego | fails without it, in `policy_test.rego` |',
    '|---|---|---|---|---|---|',
    ...rows().map(
      ({ id, says, typescript, rego }) =>
        `| \`${id}\` | ${says} | ${where(typescript)} | ${inFile(typescript)}: ${failing(typescript)} | ${where(rego)} | \`${failing(rego)}\` |`,
    ),
  ].join('\n');
}

function standing(file: string, begins: string, testFile: string, title: string): Standing {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.startsWith(begins)) + 1;
  const test = new RegExp(`^${title.replace("test('(", "test\\('(")}`, 'm').exec(
    readFileSync(join(ROOT, testFile), 'utf8'),
  )?.[1];
  if (line === 0) throw new Error(`${file} has no line that begins with ${begins}`);
  if (test === undefined) throw new Error(`${testFile} has no test for ${begins}`);
  return { file, line, test, testFile };
}
