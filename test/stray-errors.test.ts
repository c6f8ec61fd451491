import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStrayErrors } from '../src/app/errors.js';

const test = suite('stray-errors');

function watched() {
  const lines: string[] = [];
  const exits: number[] = [];
  let time = 0;
  const strays = createStrayErrors(
    (code) => exits.push(code),
    (...words) => lines.push(words.map(String).join(' ')),
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
const coded = (code: string): Error => Object.assign(new Error(code), { code });

test('a stray error is logged with the tools of the module that its stack goes through', () => {
  const { strays, lines, exits } = watched();
  strays.addModule({ url: new URL('./other.js', import.meta.url).href, tools: ['other'] });
  strays.addModule({ url: import.meta.url, tools: ['a.one', 'a.two'] });
  strays.handle(new Error('forgotten'), 'a rejected promise');
  assert.match(
    lines[0] ?? '',
    /^a rejected promise in \/.*stray-errors\.test\.ts \(a\.one, a\.two\); the server goes on: Error: forgotten/,
  );
  strays.handle('no error', 'another');
  assert.is(lines[1], 'another; the server goes on: no error');
  assert.equal([strays.count, exits], [2, []]);
});
test('one that comes again and again is counted each time and logged now and then', () => {
  const { strays, lines, wait } = watched();
  for (let at = 0; at < 100; at += 1) strays.handle('again', 'a stray');
  wait(10_001);
  strays.handle('again', 'a stray');
  assert.equal([strays.count, lines.length], [101, 2]);
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
  assert.match(flooded.lines.at(-1) ?? '', 'the process ends');
  const slow = watched();
  for (let at = 0; at < 3_000; at += 1) {
    slow.wait(11);
    slow.strays.handle('x', 'a stray');
  }
  assert.equal(slow.exits, []);
});

test.run();
