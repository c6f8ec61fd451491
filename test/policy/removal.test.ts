/** Each rule is missed when it is gone, and README tells where it stands. */
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
test("README's table is the one that npm run rules prints", () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  assert.ok(
    readme.includes(`<!-- rules -->\n${table()}\n<!-- /rules -->`),
    'npm run rules -- --write mends it',
  );
});

test.run();
