/** What is played of the lesson, when it waits, and what is remembered; and what the check of an exercise says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { readChapters } from '../../src/lesson/chapters.js';
import { fillGaps, gapsIn } from '../../src/lesson/exercises.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { plain } from '../../src/lesson/look.js';
import { check } from '../../src/walkthrough/check.js';
import type { Telling } from '../../src/walkthrough/narrator.js';
import { ProgressFile } from '../../src/walkthrough/progress.js';
import { Tour } from '../../src/walkthrough/walk.js';

const test = suite('walkthrough/walk');
const folder = mkdtempSync(join(tmpdir(), 'barewire-walk-'));
const theatre = createTheatre();
const progress = new ProgressFile(join(folder, 'lesson.json'), assert.unreachable);
test.after(async () => {
  await theatre.close();
  rmSync(folder, { recursive: true, force: true });
});
test.before.each(() => progress.forget());

const chapters = readChapters(FIXTURES);
const at = chapters.findIndex(({ number }) => number === 1);
const [first, second] = chapters.slice(at);
if (first === undefined || second === undefined) throw new Error('there are no chapters');
const core = first.core.length > 0 ? first.core : first.files;
const exercise = readFileSync(join(FIXTURES, first.exercise ?? ''), 'utf8');
const WALK = {
  kind: 'walk',
  chapter: undefined,
  only: undefined,
  edge: false,
  all: true,
  curl: false,
} as const;

/** A reader who presses Enter at each pause, until `leaves` says otherwise. */
function reader(leaves = (_: string): boolean => false): {
  telling: Telling;
  said: () => string;
  waits: string[];
} {
  const lines: string[] = [];
  const waits: string[] = [];
  const pause = async (what: string): Promise<void> => {
    if (leaves(what)) throw new Error('left');
    waits.push(what);
  };
  const telling = {
    print: (line: string) => lines.push(line),
    look: { width: 100, paint: plain },
    takeServerOutput: () => [],
  };
  return { telling: { ...telling, pause }, said: () => lines.join('\n'), waits };
}

const tour = (telling: Telling) => new Tour(theatre, telling, progress);

test('a chapter is its core, in the order of its page; then it says what is left', async () => {
  const { telling, said, waits } = reader();
  assert.ok(await tour(telling).walk({ ...WALK, chapter: '1', all: false }), said());
  assert.equal(progress.progress.seen, core);
  assert.match(said(), new RegExp(`\\n── chapter 1 · ${core.length} of ${core.length} `));
  assert.ok(first.files.length > core.length);
  assert.match(said(), /npm run walkthrough -- --chapter 1 --edge/);
  assert.match(
    said(),
    /\nYour turn\. .*\/exercise\.wire\n\nThen check it:\n {2}npm run walkthrough -- --check \d+$/s,
  );
  assert.is(waits.filter((what) => what === 'Enter sends it').length * 2, waits.length + 1);
});

test('it resumes in the middle of a chapter, and goes on with the next one', async () => {
  for (const file of core.slice(0, -1)) progress.saw(file);
  const { telling, said, waits } = reader((what) => what === `Enter goes on with chapter ${second.number}`);
  const end = await tour(telling)
    .resume()
    .catch((error: unknown) => String(error));
  assert.is(end, 'Error: left');
  assert.match(said(), /\nYou stopped in chapter 1: /);
  assert.equal(waits.slice(0, 2), ['Enter resumes', 'Enter sends it']);
  assert.match(said(), new RegExp(`\n── chapter 1 · ${core.length} of ${core.length} `));
  assert.not.match(said(), /── chapter 1 · 1 of/);
  assert.equal(progress.progress.seen, core);
});

test('a decision is printed with its exchange, and an edge case is found by its name', async () => {
  const { telling, said } = reader();
  assert.ok(await tour(telling).walk({ ...WALK, only: 'asks-for-a-missing-capability', edge: true }), said());
  assert.match(said(), /\ndecided: \S+ (allowed|refused) .*\nrecorded in the audit log: /s);
});

test('a wrong answer is named, with its hint, the difference and the line', async () => {
  const file = join(folder, 'mine.wire');
  writeFileSync(file, fillGaps(exercise, ['{"jsonrpc":"2.0","id":7,"method":"ping"}', '"7"']));
  const { telling, said } = reader();
  assert.not.ok(await check({ kind: 'check', chapter: '1', file }, theatre, telling, progress));
  const [, gap] = gapsIn(exercise);
  assert.match(said(), /\nStarting the readonly server …\n\n✓ line \d+: /);
  assert.match(said(), new RegExp(`\n✗ line ${gap?.line}: `));
  assert.is(said().includes('\n  hint: '), gap?.hint !== undefined);
  assert.match(
    said(),
    new RegExp(
      `mine\\.wire:${gap?.line} body at /id is not as written\n {2}${gap?.line} \\| < .*\n {2}- expected {2}"7"\n {2}\\+ received {2}7$`,
    ),
  );
  assert.not.match(said(), /Solved/);
  assert.equal(progress.progress.solved, []);
});

test('a solution whose other lines have changed is checked without its gaps', async () => {
  const file = join(folder, 'mine.wire');
  const solved = fillGaps(exercise, ['{"jsonrpc":"2.0","id":7,"method":"ping"}', '7']);
  writeFileSync(file, solved.replace(/^\* .*\n/m, ''));
  const { telling, said } = reader();
  assert.ok(await check({ kind: 'check', chapter: '1', file }, theatre, telling, progress), said());
  assert.not.match(said(), /✓/);
  assert.equal(progress.progress.solved, [first.name]);
});

test.run();
