/** Every clause that is counted as shown names a violation, and every change of a source still finds its place there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../../src/lesson/files.js';
import { readCoverage, standingOf } from '../support/coverage.js';
import { PROOFS } from './table.js';
import { isMutation } from './violation.js';

const test = suite('proof/table');

test('every clause that a transcript shows names a violation, and no other does', () => {
  const coverage = readCoverage();
  const shown = coverage.counted.filter((one) => standingOf(one, coverage) === 'covered').map(({ id }) => id);
  assert.equal(Object.keys(PROOFS).sort(), shown.sort());
});
test('every violation that changes a source finds what it changes, and every test that it names exists', () => {
  const mutations = Object.values(PROOFS).flat().filter(isMutation);
  assert.ok(mutations.length > 0);
  const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  const lost = mutations.filter(({ file, from, to, test }) => {
    const source = read(file);
    return (
      source.replace(from, to) === source || (test !== undefined && !read(test.file).includes(test.title))
    );
  });
  assert.equal(
    lost.map(({ does, file, from }) => `${does}: ${file} has no ${from}`),
    [],
  );
});

test.run();
