/** A test fails for each rule that is removed, and the table of rules on the page of governance is up to date. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findOpa } from './opa-binary.js';
import { proveAll } from './rules-removal.js';
import { ROOT, rows, table } from './rules-rows.js';

const test = suite('policy/removal');

test('without a rule the test that is named for it fails, in TypeScript and in Rego', () => {
  const opa = findOpa();
  const proofs = proveAll(opa);
  assert.is(proofs.length, rows().length * (opa === undefined ? 1 : 2));
  assert.equal(
    proofs.filter(({ noticed }) => !noticed),
    [],
  );
});
test('the table on the page of governance is the one that npm run rules prints', () => {
  const readme = readFileSync(join(ROOT, 'src/governance/README.md'), 'utf8');
  assert.ok(
    readme.includes(`<!-- rules -->\n${table()}\n<!-- /rules -->`),
    'npm run rules -- --write mends it',
  );
});

test.run();
