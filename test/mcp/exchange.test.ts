import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stoppedFault } from '../../src/wire/mcp/reply.js';
import { Stopped } from '../../src/wire/mcp/request-context.js';
import { exchangeOf } from './ask.js';

const test = suite('mcp/exchange');
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => ({ value }),
    (error) => error,
  );
const never = new Promise<never>(() => {});

test('work that ends in time is waited for, and its timer is cleared', async () => {
  const { exchange, clock } = exchangeOf('2026-07-28');
  const done = exchange.withDeadline(Promise.resolve('value'), 500);
  assert.equal(
    [...clock.timers].map(({ ms }) => ms),
    [500],
  );
  assert.is(await done, 'value');
  await Promise.resolve();
  assert.is(clock.timers.size, 0);
  assert.is(exchange.stopped, undefined);
});
test('work that fails rejects with its own error, and its timer is cleared', async () => {
  const { exchange, clock } = exchangeOf('2026-07-28');
  const error = new Error('own');
  assert.is(await caught(exchange.withDeadline(Promise.reject(error), 500)), error);
  assert.is(clock.timers.size, 0);
});
test('past its deadline, work is left behind, and its signal says so', async () => {
  const { exchange, clock } = exchangeOf('2026-07-28');
  const { signal } = exchange;
  const outcome = caught(exchange.withDeadline(never, 500));
  clock.strike();
  const reason = await outcome;
  assert.instance(reason, Stopped);
  assert.equal(
    [(reason as Stopped).why, (reason as Stopped).message],
    ['deadline', 'not finished within 500 ms'],
  );
  assert.is(signal.reason, reason);
  assert.is(clock.timers.size, 0);
});
test('the first reason to stop is kept', () => {
  const { exchange } = exchangeOf('2026-07-28');
  exchange.stop(new Stopped('cancelled', 'first'));
  exchange.stop(new Stopped('stopping', 'second'));
  assert.is(exchange.stopped?.message, 'first');
});
test('a signal asked for after the stop is aborted with its reason', () => {
  const { exchange } = exchangeOf('2026-07-28');
  exchange.stop(new Stopped('cancelled', 'gone'));
  assert.ok(exchange.signal.aborted);
  assert.is((exchange.signal.reason as Stopped).message, 'gone');
  assert.is(exchange.signal, exchange.signal);
});
test('work begun after the stop is not waited for', async () => {
  const { exchange, clock } = exchangeOf('2026-07-28');
  exchange.stop(new Stopped('cancelled', 'gone'));
  assert.is(await caught(exchange.withDeadline(never, 500)), exchange.stopped);
  assert.is(clock.timers.size, 0);
});
test('an exchange that has ended is not stopped any more', () => {
  const { exchange } = exchangeOf('2026-07-28');
  const { signal } = exchange;
  exchange.end();
  exchange.stop(new Stopped('cancelled', 'late'));
  assert.equal([exchange.stopped, signal.aborted], [undefined, false]);
});

test('progress goes to the token that was given, falsy ones too', () => {
  for (const token of ['t', 0, '']) {
    const { exchange, sent } = exchangeOf('2026-07-28', { token });
    exchange.progress(1, 2, 'half');
    assert.equal(sent, [
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: token, progress: 1, total: 2, message: 'half' },
      },
    ]);
  }
});
test('without a token, or a way to send, progress is silent', () => {
  const { exchange, sent } = exchangeOf('2026-07-28');
  exchange.progress(1);
  assert.equal(sent, []);
  const { exchange: deaf } = exchangeOf('2026-07-28', { token: 1 });
  Reflect.deleteProperty(deaf.transport, 'notify');
  deaf.progress(1);
});
test('only growing, finite progress is sent', () => {
  const { exchange, sent } = exchangeOf('2026-07-28', { token: 1 });
  for (const value of [-1, 0, 0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 0.5, 0.4, 1, 1e300])
    exchange.progress(value);
  assert.equal(
    sent.map(({ params }) => params.progress),
    [-1, 0, 0.5, 1, 1e300],
  );
});
test('a total that is not a number is left out', () => {
  const { exchange, sent } = exchangeOf('2026-07-28', { token: 1 });
  exchange.progress(1, Number.NaN);
  exchange.progress(2, Number.POSITIVE_INFINITY);
  exchange.progress(3, 3);
  assert.equal(
    sent.map(({ params }) => 'total' in params),
    [false, false, true],
  );
});
test('2024-11-05 has no message in progress', () => {
  const { exchange, sent } = exchangeOf('2024-11-05', { token: 1 });
  exchange.progress(1, 2, 'half');
  assert.equal(sent[0]?.params, { progressToken: 1, progress: 1, total: 2 });
});
test('nothing is sent after the answer or after a stop', () => {
  const { exchange, sent } = exchangeOf('2026-07-28', { token: 1 });
  exchange.end();
  exchange.progress(1);
  const { exchange: second, sent: none } = exchangeOf('2026-07-28', { token: 1 });
  second.stop(new Stopped('cancelled', 'gone'));
  second.progress(1);
  assert.equal([sent, none], [[], []]);
});
test('each reason to stop has its refusal', () => {
  const names = (['cancelled', 'deadline', 'stopping'] as const).map(
    (why) => stoppedFault(new Stopped(why, 'x')).name,
  );
  assert.equal(names, ['cancelled', 'internalError', 'stopping']);
});

test.run();
