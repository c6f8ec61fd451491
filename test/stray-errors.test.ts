import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStrayErrors } from '../src/app/log/stray-errors.js';

const test = suite('stray-errors');

function watched() {
  const lines: string[] = [];
  const exits: number[] = [];
  let time = 0;
  const strays = createStrayErrors(
    (code) => exits.push(code),
    (error, event, context) => lines.push(`${event} ${context?.about}: ${error}`),
    () => new Date(time),
  );
  strays.started();
  return {
    strays,
    lines,
    exits,
    wait: (ms: number) => {
      time += ms;
    },
  };
}
/** As a stack trace names this file. */
const own = /(?:file:\/\/)?\/[^\s:()]+(?=:\d)/.exec(new Error().stack ?? '')?.[0] ?? '';
const coded = (code: string): Error => Object.assign(new Error(code), { code });

test('a stray error is logged with the tools of the module that its stack goes through', () => {
  const { strays, lines, exits } = watched();
  strays.addModule({ url: new URL('./other.js', import.meta.url).href, tools: ['other'] });
  strays.addModule({ url: new URL(own, 'file:').href, tools: ['a.one', 'a.two'] });
  strays.handle(new Error('forgotten'), 'a rejected promise');
  assert.match(
    lines[0] ?? '',
    /^process\.stray-error a rejected promise in \/.*stray-errors\.test\.[jt]s \(a\.one, a\.two\): Error: forgotten/,
  );
  strays.handle('no error', 'another');
  assert.is(lines[1], 'process.stray-error another: no error');
  assert.equal([strays.count, exits], [2, []]);
});
test('a closed stderr makes no line about itself', () => {
  const { strays, lines, exits } = watched();
  strays.handle(coded('EPIPE'), 'a stray');
  assert.equal([strays.count, lines, exits], [1, [], []]);
});
test('the process ends when it has not started, has no memory, or nothing but strays', () => {
  const starting: number[] = [];
  const early = createStrayErrors(
    (code) => starting.push(code),
    () => {},
    () => new Date(0),
  );
  early.handle(new Error('x'), 'a stray');
  assert.equal(starting, [1]);
  const empty = watched();
  empty.strays.handle(coded('ENOMEM'), 'a stray');
  assert.equal(empty.exits, [1]);
  const flooded = watched();
  for (let at = 0; at < 1_000; at += 1) flooded.strays.handle('x', 'a stray');
  assert.equal(flooded.exits, []);
  flooded.strays.handle('x', 'a stray');
  assert.equal(flooded.exits, [1]);
  assert.match(flooded.lines.at(-1) ?? '', /^process\.ended a stray: x/);
  const slow = watched();
  for (let at = 0; at < 3_000; at += 1) {
    slow.wait(11);
    slow.strays.handle('x', 'a stray');
  }
  assert.equal(slow.exits, []);
});

test.run();
