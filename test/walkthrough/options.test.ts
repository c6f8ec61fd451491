import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOptions } from '../../src/walkthrough/options.js';

const test = suite('walkthrough/options');

test('without flags the lesson goes on where its reader stopped', () => {
  assert.equal(readOptions([]), { kind: 'resume', restart: false, curl: false });
  assert.equal(readOptions(['--restart', '--curl']), { kind: 'resume', restart: true, curl: true });
});

test('a chapter is played without its edge cases, unless they are wanted', () => {
  const walk = { kind: 'walk', chapter: undefined, only: undefined, edge: false, all: false, curl: false };
  assert.equal(readOptions(['--chapter', '3']), { ...walk, chapter: '3' });
  assert.equal(readOptions(['--chapter', '3', '--edge']), { ...walk, chapter: '3', edge: true });
  assert.equal(readOptions(['--only', 'ping', '--curl']), { ...walk, only: 'ping', edge: true, curl: true });
  assert.equal(readOptions(['--all']), { ...walk, edge: true, all: true });
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
  assert.equal(readOptions(['-h', '--all']), { kind: 'help' });
});

const wrong: [argv: string[], message: RegExp][] = [
  [['--chapters', '1'], /^Unknown option '--chapters'; --help lists the flags$/],
  [['one'], /^Unexpected argument 'one'/],
  [['--chapter'], /--chapter/],
  [['--file', 'a'], /^--file needs --check;/],
  [['--check', '1', '--all'], /^--check takes no other flag than --file;/],
  [['--check', '1', '--restart'], /^--check takes no other flag than --file;/],
  [['--restart', '--chapter', '1'], /^--restart takes no other flag than --curl;/],
  [['--edge'], /^--edge needs --chapter;/],
];
for (const [argv, message] of wrong) {
  test(`${argv.join(' ')} is refused with one line`, () => {
    const options = readOptions(argv);
    assert.match(options.kind === 'wrong' ? options.message : options.kind, message);
  });
}

test.run();
