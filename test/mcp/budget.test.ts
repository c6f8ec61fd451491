import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnswerRoom, AnswerSizes, Budget, COUNTED_BYTES } from '../../src/wire/mcp/budget.js';
import { Clock, exchangeOf, principalOf } from './ask.js';

const test = suite('mcp/budget');
const ada = principalOf({ user: 'ada' });
const bob = principalOf({ user: 'bob' });
const K = 100_000;
const budgetOf = () =>
  new Budget({
    inFlightCalls: 3,
    inFlightCallsPerPrincipal: 2,
    inFlightBytes: 10 * K,
    inFlightBytesPerPrincipal: 6 * K,
  });

test('calls have a bound for each principal and one for all', () => {
  const budget = budgetOf();
  const [mine, yours, others] = [ada, bob, principalOf({ user: 'eve' })].map((one) => budget.usageOf(one));
  mine?.beginCall();
  mine?.beginCall();
  assert.match(mine?.beginCall()?.message ?? '', '2 of your calls are being answered');
  yours?.beginCall();
  assert.match(others?.beginCall()?.message ?? '', '3 calls are being answered');
  mine?.endCall();
  others?.beginCall();
  assert.is(budget.calls, 3);
});
test('bytes have a bound for each principal and one for all, and come back when they are given back', () => {
  const budget = budgetOf();
  const [mine, yours] = [budget.usageOf(ada), budget.usageOf(bob)];
  assert.equal([mine.take(4 * K), mine.take(3 * K), mine.take(2 * K)], [true, false, true]);
  assert.equal([yours.take(5 * K), yours.take(4 * K)], [false, true]);
  mine.give(6 * K);
  assert.equal([yours.take(3 * K), mine.take(4 * K), budget.bytes], [false, true, 8 * K]);
});
test('what is larger than a share passes where nothing else is in flight, or it could never be had', () => {
  const budget = budgetOf();
  const mine = budget.usageOf(ada);
  assert.equal([mine.take(50 * K), mine.take(1), budget.usageOf(bob).take(1)], [true, false, false]);
  mine.give(50 * K);
  assert.equal([mine.take(K), mine.take(50 * K)], [true, false]);
});
test('one principal is one share, whatever object and token it comes with', () => {
  const budget = budgetOf();
  assert.is(budget.usageOf({ ...ada, scopes: ['x'] }), budget.usageOf(ada));
  assert.is.not(budget.usageOf({ ...ada, tenant: 'other' }), budget.usageOf(ada));
});
test('principals with nothing in flight are forgotten, the others are not', () => {
  const budget = budgetOf();
  const mine = budget.usageOf(ada);
  mine.take(K);
  const idle = budget.usageOf(bob);
  for (let at = 0; at < 10_001; at += 1) budget.usageOf(principalOf({ user: `u${at}` }));
  assert.is(budget.usageOf({ ...ada }), mine);
  assert.is.not(budget.usageOf(bob), idle);
  assert.is(budget.usageOf(bob), budget.usageOf({ ...bob }));
});
test('an answer takes room by what is expected of it, and then by what it has', () => {
  const budget = budgetOf();
  const mine = budget.usageOf(ada);
  const room: AnswerRoom = {
    hold(bytes) {
      if (bytes > 0) return mine.take(bytes);
      mine.give(-bytes);
      return true;
    },
  };
  const { exchange } = exchangeOf('2026-07-28', { room });
  assert.is(exchange.holdAnswer(3 * K), true);
  assert.is(budget.bytes, 3 * K);
  assert.is(exchange.holdAnswer(5 * K), true);
  assert.is(budget.bytes, 5 * K);
  assert.is(exchange.holdAnswer(COUNTED_BYTES - 1), true);
  assert.is(budget.bytes, 0);
  const { exchange: other } = exchangeOf('2026-07-28', { room });
  assert.is(other.holdAnswer(5 * K), true);
  assert.is(exchange.holdAnswer(2 * K), false);
  assert.is(other.holdAnswer(7 * K), false);
  assert.is(budget.bytes, 0, 'what does not fit leaves nothing behind');
});
test('a size is expected that was seen lately, and less with each that is smaller', () => {
  const sizes = new AnswerSizes();
  assert.is(sizes.sizeOf('t'), undefined);
  sizes.note('t', 10);
  assert.is(sizes.sizeOf('t'), 0);
  sizes.note('t', 10 * K);
  sizes.note('t', K);
  assert.is(sizes.sizeOf('t'), 8 * K);
  for (let at = 0; at < 100; at += 1) sizes.note('t', 10);
  assert.is(sizes.sizeOf('t'), 0);
});
test('while no answer of a tool was seen two calls of it run, and others wait for the first, or a second', async () => {
  for (const wake of ['answer', 'time'] as const) {
    const sizes = new AnswerSizes();
    const clock = new Clock();
    let running = 0;
    const done = Array.from({ length: 5 }, async () => {
      const leave = await sizes.enter('t', clock.after);
      running += 1;
      leave?.();
    });
    // Those two have ended, and yet nobody knows more.
    await Promise.all(done.slice(0, 2));
    assert.equal([running, clock.timers.size], [2, 3]);
    if (wake === 'answer') sizes.note('t', K);
    else clock.strike();
    await Promise.all(done);
    assert.equal([running, clock.timers.size], [5, 0]);
  }
});

test.run();
