/**
 * Each run commits a sample of the violations; `npm run coverage:spec -- --prove` commits them all. The seed is printed, and
 * PROOF_SEED draws the same sample again.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCoverage, standingOf } from '../support/coverage.js';
import { changes, drops, status } from './kinds.js';
import { type Outcome, prove } from './prove.js';
import { drawn } from './sample.js';
import { PROOFS } from './table.js';

const test = suite('proof');
const SAMPLE = 24;

const coverage = readCoverage();
const shown = coverage.counted.filter((one) => standingOf(one, coverage) === 'covered').map(({ id }) => id);

test('a sample is the same for the same seed, and another for another', () => {
  const all = Array.from({ length: 100 }, (_, index) => String(index));
  assert.equal(drawn(all, 10, 'a'), drawn(all, 10, 'a'));
  assert.not.equal(drawn(all, 10, 'a'), drawn(all, 10, 'b'));
  assert.is(drawn(all, 10, 'a').length, 10);
});
test('a violation that changes nothing, and one that nobody looks at, prove nothing', async () => {
  const clause = '2025-11-25/ping/001';
  const outcomes: Outcome[] = [];
  const violations = [drops('/nothing/of/the/kind'), status(200), changes('/id', (id: unknown) => id)];
  await prove({ [clause]: violations }, [clause], (outcome) => outcomes.push(outcome));
  assert.is(outcomes.length, violations.length);
  assert.equal(
    outcomes.filter(({ noticed }) => noticed),
    [],
  );
});
test('a server that breaks a clause fails a transcript that names it', async () => {
  const seed = process.env.PROOF_SEED ?? String(Date.now());
  console.log(`PROOF_SEED=${seed}`);
  const missed: Outcome[] = [];
  await prove(PROOFS, drawn(shown, SAMPLE, seed), (outcome) => {
    if (!outcome.noticed) missed.push(outcome);
  });
  assert.equal(missed, []);
});

test.run();
