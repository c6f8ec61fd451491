import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Attempts } from '../../src/oauth/client/attempts.js';

const test = suite('oauth-client/attempts');

const START = Date.UTC(2026, 0, 1);

function attemptsAt() {
  let ms = START;
  const attempts = new Attempts(() => new Date(ms));
  const add = (what: string, times: number): void => {
    for (let time = 0; time < times; time += 1) attempts.add(what);
  };
  return { attempts, add, pass: (by: number) => (ms += by) };
}

test('each reason may bring so many tokens and no more', () => {
  const { attempts, add } = attemptsAt();
  assert.not.ok(attempts.allow('scope', 0));
  assert.ok(attempts.allow('scope', 1));
  add('scope', 1);
  assert.equal([attempts.allow('scope', 1), attempts.allow('scope', 2)], [false, true]);
  add('scope', 1);
  assert.equal([attempts.allow('scope', 2), attempts.allow('scope', 3)], [false, true]);
  assert.ok(attempts.allow('expired', 1));
});
test('all reasons together may bring six tokens', () => {
  const { attempts, add } = attemptsAt();
  add('scope', 3);
  add('expired', 2);
  assert.ok(attempts.allow('other', 1));
  add('other', 1);
  assert.not.ok(attempts.allow('another', 1));
});
test('a token that worked for more than a minute ends the count', () => {
  const { attempts, add, pass } = attemptsAt();
  add('scope', 6);
  pass(60_000);
  assert.not.ok(attempts.allow('scope', 6));
  pass(1);
  assert.ok(attempts.allow('scope', 1));
});

test.run();
