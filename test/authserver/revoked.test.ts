/** Tokens that were revoked stay so, however many others are revoked after them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRevokedTokens } from '../../src/services/authserver/own-tokens.js';

const test = suite('authserver/revoked');

test('thousands of revocations make no earlier revoked token valid again', () => {
  const revoked = createRevokedTokens(() => new Date(0));
  const answers = Array.from({ length: 50_001 }, (_, at) => revoked.add(`t${at}`, 900));
  assert.is(answers.indexOf(false), 50_000, 'the one that finds no room is refused');
  assert.ok(revoked.has('t0'));
  assert.not(revoked.has('t50000'));
  assert.ok(revoked.add('t0', 900), 'one that is there needs no room');
});

test('a token that has expired makes room for another', () => {
  const clock = { ms: 0 };
  const revoked = createRevokedTokens(() => new Date(clock.ms), 2);
  assert.equal([revoked.add('a', 10), revoked.add('b', 20), revoked.add('c', 30)], [true, true, false]);
  clock.ms = 10_000;
  assert.is(revoked.add('c', 30), true);
  assert.equal([revoked.has('a'), revoked.has('b'), revoked.has('c')], [false, true, true]);
});

test.run();
