/** Holds that what the transcripts show does not shrink, and that each reason for what they do not is still needed. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fits, readCoverage, standingOf } from './support/coverage.js';

const test = suite('coverage');
/** Reached so far: raise it with every transcript that shows more. */
const LEAST = 338;

const coverage = readCoverage();
const { counted, named, reasons } = coverage;

test('the coverage does not shrink', () => {
  const covered = counted.filter((one) => standingOf(one, coverage) === 'covered').length;
  assert.ok(covered >= LEAST, `${covered} are covered, expected at least ${LEAST}`);
});
test('every reason is for existing requirements that no transcript shows', () => {
  const idle = Object.keys(reasons).filter(
    (entry) => !counted.some(({ id }) => fits(entry, id) && !named.has(id)),
  );
  assert.equal(idle, []);
});
test('no requirement has two reasons', () => {
  const twice = counted.filter(
    ({ id }) => Object.keys(reasons).filter((entry) => fits(entry, id)).length > 1,
  );
  assert.equal(
    twice.map(({ id }) => id),
    [],
  );
});
test('every reason is a sentence', () => {
  for (const reason of Object.values(reasons)) assert.ok(reason.split(' ').length >= 4, reason);
});

test.run();
