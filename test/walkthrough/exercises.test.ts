/** The exercises of the lesson: each can be solved, an unsolved one says what to do, and a wrong answer fails. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { readChapters } from '../../src/lesson/chapters.js';
import { fillGaps } from '../../src/lesson/exercises.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { plain } from '../../src/lesson/look.js';
import { check } from '../../src/walkthrough/check.js';
import { ProgressFile } from '../../src/walkthrough/progress.js';
import { ROOT } from '../support/process.js';

const test = suite('walkthrough/exercises');
/** What goes into the gaps of each chapter's exercise, in order. */
const SOLUTIONS: { [chapter: string]: string[] } = JSON.parse(
  readFileSync(join(ROOT, 'test/walkthrough/solutions.json'), 'utf8'),
);
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
  writeFileSync(file, fillGaps(readFileSync(join(FIXTURES, chapter, 'exercise.wire'), 'utf8'), answers));
  const lines: string[] = [];
  const telling = {
    print: (line: string) => lines.push(line),
    look: { width: 100, paint: plain },
    takeServerOutput: () => [],
  };
  const solved = await check(
    { kind: 'check', chapter, file },
    theatre,
    telling,
    new ProgressFile(join(folder, 'lesson.json'), assert.unreachable),
  );
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
    assert.is(marks(said), '✓'.repeat(answers.length), said);
    assert.match(said, /\nSolved\. [^\n]+$/);
    const wrong = await checked(name, [...answers.slice(0, -1), 'something else']);
    assert.not.ok(wrong.solved, 'a wrong answer counts');
    assert.match(marks(wrong.said), /^✓*[✗–]*✗[✗–]*$/, wrong.said);
    // Last, because what it leaves behind, such as an approval, would serve the next run.
    const open = await checked(name, answers.slice(0, -1));
    assert.match(open.said, /\n– line \d+: [^✓✗–]*not\s+filled\s+in/);
    assert.equal([open.solved, /✗/.test(open.said)], [false, false], open.said);
  });
}

const marks = (said: string): string => [...said.matchAll(/^[✓✗–](?= line )/gm)].join('');

test.run();
