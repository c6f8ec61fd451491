/** The exercises of the lesson: each can be solved, an unsolved one says what to do, and a wrong answer fails. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { readChapters } from '../../src/lesson/chapters.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { plain } from '../../src/walkthrough/columns.js';
import { check } from '../../src/walkthrough/walk.js';
import { ROOT } from '../support/process.js';

const test = suite('walkthrough/exercises');
/** What goes into the gaps of each chapter's exercise, in order. */
const SOLUTIONS: { [chapter: string]: string[] } = JSON.parse(
  readFileSync(join(ROOT, 'test/walkthrough/solutions.json'), 'utf8'),
);
const GAP = /TODO\([^)]*\)/g;
const theatre = createTheatre();
const folder = mkdtempSync(join(tmpdir(), 'barewire-exercises-'));
test.after(async () => {
  await theatre.close();
  rmSync(folder, { recursive: true, force: true });
});

async function checked(
  chapter: string,
  answers: readonly string[],
): Promise<{ solved: boolean; said: string }> {
  const file = join(folder, 'mine.wire');
  const left = [...answers];
  const text = readFileSync(join(FIXTURES, chapter, 'exercise.wire'), 'utf8');
  writeFileSync(
    file,
    text.replace(GAP, (gap) => left.shift() ?? gap),
  );
  const lines: string[] = [];
  const telling = {
    print: (line: string) => lines.push(line),
    look: { width: 100, paint: plain },
    takeServerOutput: () => [],
  };
  const solved = await check({ kind: 'check', chapter, file }, theatre, telling);
  return { solved, said: lines.join('\n') };
}

const chapters = readChapters(FIXTURES).filter(({ exercise }) => exercise !== undefined);

test('every chapter has an exercise, and every exercise a solution', () => {
  assert.equal(
    chapters.map(({ name }) => name),
    readChapters(FIXTURES).map(({ name }) => name),
  );
  assert.equal(Object.keys(SOLUTIONS).sort(), chapters.map(({ name }) => name).sort());
});

for (const { name } of chapters) {
  const answers = SOLUTIONS[name] ?? [];
  test(`${name}: its solution passes, a missing answer is named, and a wrong answer fails`, async () => {
    const { solved, said } = await checked(name, answers);
    assert.ok(solved, said);
    assert.match(said, /Done\.$/);
    const open = await checked(name, answers.slice(0, -1));
    assert.equal([open.solved, /mine\.wire:\d+ to do: /.test(open.said)], [false, true]);
    const wrong = await checked(name, [...answers.slice(0, -1), 'something else']);
    assert.not.ok(wrong.solved, 'a wrong answer counts');
  });
}

test.run();
