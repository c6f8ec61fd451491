import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { after, now } from '../../src/wire/clock.js';
import { inHeldTime } from './time.js';

const test = suite('support/time');

test('nothing is due until the time is moved, and then in its order', () =>
  inHeldTime(async (time) => {
    const ran: string[] = [];
    setTimeout((word: string) => ran.push(word), 20, 'late');
    setTimeout(() => ran.push('early'), 10);
    const forgotten = setTimeout(() => ran.push('never'), 15);
    clearTimeout(forgotten);
    const every = setInterval(() => ran.push('again'), 8);
    await time.pass(9);
    assert.equal(ran, ['again']);
    await time.pass(11);
    assert.equal(ran, ['again', 'early', 'again', 'late']);
    clearInterval(every);
    assert.is(time.timers, 0);
  }));

test('every clock shows the time that has passed, and no other', () =>
  inHeldTime(async (time) => {
    const [date, milliseconds, elapsed] = [new Date(), Date.now(), performance.now()];
    await time.pass(3_600_000);
    assert.is(Date.now() - milliseconds, 3_600_000);
    assert.is(now().getTime() - date.getTime(), 3_600_000);
    assert.is(Math.round(performance.now() - elapsed), 3_600_000);
    assert.is(new Date('2026-07-28T00:00:00Z').toISOString(), '2026-07-28T00:00:00.000Z');
  }));

test('what one timer starts is due within the same time, and refresh begins again', () =>
  inHeldTime(async (time) => {
    const ran: string[] = [];
    after(10, () => {
      after(10, () => void ran.push('second'));
    });
    const idle = setTimeout(() => ran.push('idle'), 15);
    await time.pass(10);
    idle.refresh();
    await time.pass(10);
    assert.equal(ran, ['second']);
    await time.pass(5);
    assert.equal(ran, ['second', 'idle']);
  }));

test('the process has its own time back, also after a failure', async () => {
  const real = [setTimeout, setInterval, Date, performance.now];
  const failed = await inHeldTime(async () => {
    assert.is.not(setTimeout, real[0]);
    throw new Error('in held time');
  }).catch(String);
  assert.is(failed, 'Error: in held time');
  assert.equal([setTimeout, setInterval, Date, performance.now], real);
});

test.run();
