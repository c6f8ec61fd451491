/** Each clause that the rules cite has traffic that violates it, and nothing else; and no rule cites one without. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLAUSE_ID } from '../../../src/lesson/annotations/clauses.js';
import { readRequirements } from '../../support/coverage.js';
import { HTTP_CASES } from './cases/http.js';
import { JSONRPC_CASES } from './cases/jsonrpc.js';
import { LEGACY_CASES } from './cases/legacy.js';
import { MODERN_CASES } from './cases/modern.js';
import { TASK_CASES } from './cases/tasks.js';
import type { Case } from './conversations.js';

const test = suite('cli/rules/breaks');
const CASES: readonly Case[] = [
  ...JSONRPC_CASES,
  ...HTTP_CASES,
  ...LEGACY_CASES,
  ...MODERN_CASES,
  ...TASK_CASES,
];
const RULES = fileURLToPath(new URL('../../../src/cli/rules', import.meta.url));
const requirements = new Set(readRequirements().map(({ id }) => id));

for (const [clause, side, traffic] of CASES) {
  test(`${clause}, by the ${side}`, () => {
    assert.ok(requirements.has(clause));
    const found = traffic();
    assert.equal([...new Set(found.map((one) => one.clause))], [clause], JSON.stringify(found, null, 2));
    for (const violation of found) {
      assert.is(violation.side, side);
      assert.ok(violation.where !== '' && violation.expected !== '' && violation.received !== '');
    }
  });
}

test('each clause that the source names is broken here', () => {
  const files = readdirSync(RULES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const cited = new Set(
    files.flatMap((name) => readFileSync(`${RULES}/${name}`, 'utf8').match(CLAUSE_ID) ?? []),
  );
  const broken = new Set(CASES.map(([clause]) => clause));
  assert.equal([...cited].filter((clause) => !broken.has(clause)).sort(), []);
});

test.run();
