/** What a person who has decided reads about the call: whether it goes on by itself, or somebody has to do something. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Approval, RESUMPTIONS } from '../../src/governance/approval/approval.js';
import { callerStep } from '../../src/governance/approval/caller-step.js';
import { PENDING } from './bench.js';

const test = suite('approval/caller-step');
const steps = (given: Partial<Approval>) =>
  RESUMPTIONS.map((resumes) => callerStep({ ...PENDING, resumes, ...given }));
const NOTHING = [undefined, undefined, undefined];

test('an approved call goes on by itself, at once or later, or has to be sent again', () => {
  const [waits = '', returns = '', repeats = ''] = steps({ state: 'approved' });
  assert.match(waits, /^The call was waiting for this and goes on by itself/);
  assert.match(returns, /^The call runs when its client asks for the result, which it does by itself/);
  assert.match(repeats, /^The caller has to send the same call again\..*let the caller know/);
});

test('the caller of a refused call is told so, with the reason if there is one', () => {
  for (const [comment, words] of [
    ['Not on a Friday.', 'reads the reason'],
    ['', 'reads of the refusal'],
  ] as const) {
    const [waits = '', returns = '', repeats = ''] = steps({ state: 'refused', comment });
    assert.match(waits, `has ended. The caller ${words} in its error.`);
    assert.match(returns, `The caller ${words} when its client asks for the result, which it does by itself`);
    assert.is(repeats, `The caller ${words} when it sends the call again.`);
  }
  assert.equal(
    steps({ state: 'refused' }),
    steps({ state: 'refused', comment: '' }),
    'a missing comment is not shown',
  );
});

test('there is nothing to say while nobody has decided, after the use, and of a row that does not say how it goes on', () => {
  for (const state of ['pending', 'consumed'] as const) assert.equal(steps({ state }), NOTHING);
  for (const state of ['approved', 'refused'] as const)
    assert.is(callerStep({ ...PENDING, state }), undefined);
});

test.run();
