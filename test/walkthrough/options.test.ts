import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOptions } from '../../src/walkthrough/options.js';

const test = suite('walkthrough/options');

test('without flags everything is played', () => {
  const walk = { kind: 'walk', chapter: undefined, only: undefined, step: false, curl: false };
  assert.equal(readOptions([]), walk);
  const argv = ['--chapter', '3', '--only', 'ping', '--step', '--curl'];
  assert.equal(readOptions(argv), { kind: 'walk', chapter: '3', only: 'ping', step: true, curl: true });
});

test('an exercise is checked in its own file or in another', () => {
  assert.equal(readOptions(['--check', '1']), { kind: 'check', chapter: '1', file: undefined });
  assert.equal(readOptions(['--check', '1', '--file', 'a.wire']), {
    kind: 'check',
    chapter: '1',
    file: 'a.wire',
  });
});

test('--list and --help win', () => {
  assert.equal(readOptions(['--list']), { kind: 'list' });
  assert.equal(readOptions(['-h', '--step']), { kind: 'help' });
});

const wrong: [argv: string[], message: RegExp][] = [
  [['--chapters', '1'], /^Unknown option '--chapters'; --help lists the flags$/],
  [['one'], /^Unexpected argument 'one'/],
  [['--chapter'], /--chapter/],
  [['--file', 'a'], /^--file needs --check;/],
  [['--check', '1', '--step'], /^--check takes no other flag than --file;/],
];
for (const [argv, message] of wrong) {
  test(`${argv.join(' ')} is refused with one line`, () => {
    const options = readOptions(argv);
    assert.match(options.kind === 'wrong' ? options.message : options.kind, message);
  });
}

test.run();
