/**
 * The pages of the lesson as their reader meets them: every command of every chapter pasted in its order while the servers run,
 * with the real curl, and the answers that a page shows compared with those that come. `…` stands for what differs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, blocksOf, compare, EXERCISE } from './support/chapter.js';
import { ROOT } from './support/process.js';
import { needPrograms } from './support/programs.js';
import { Terminal } from './support/terminal.js';

needPrograms('chapters', 'bash', 'curl');
const test = suite('chapters');

const CHAPTERS = readdirSync(join(ROOT, 'spec-fixtures')).filter((name) => /^\d\d-/.test(name));
/** Its commands start servers of their own: replicas.test.ts runs them. */
const REPLICAS = '19-replicas';

/** The blocks of an answer to the command above; the others are excerpts of transcripts and diagrams. */
const SHOWS_AN_ANSWER: readonly string[] = ['json', 'http', 'text'];
const isPasted = ({ language, text }: Block): boolean => language === 'sh' && !EXERCISE.test(text);
const PASTED = CHAPTERS.filter((name) => name !== REPLICAS && blocksOf(name).some(isPasted));

for (const chapter of PASTED) {
  test(`every command of ${chapter} answers as its page shows`, async () => {
    const terminal = new Terminal();
    await terminal.open();
    try {
      const blocks = blocksOf(chapter);
      for (const [at, block] of blocks.entries()) {
        if (!isPasted(block)) continue;
        const { stdout, stderr } = await terminal.type(block.text);
        const answer = blocks[at + 1];
        if (answer !== undefined && SHOWS_AN_ANSWER.includes(answer.language)) {
          const problem = compare({ ...answer, text: terminal.here(answer.text) }, stdout.trim());
          assert.is(problem, undefined, `${chapter}/README.md:${block.line} ${problem} ${stderr}`);
        }
        await terminal.obey(stdout);
      }
    } finally {
      await terminal.close();
    }
  });
}

test('most chapters have something to paste', () => assert.ok(PASTED.length >= 15, `${PASTED.length}`));

test('every chapter has a page that ends with an exercise', () => {
  assert.ok(CHAPTERS.length >= 18);
  for (const chapter of CHAPTERS) {
    const page = readFileSync(join(ROOT, 'spec-fixtures', chapter, 'README.md'), 'utf8');
    assert.match(page, /^# \d+\. .+\n\n\S/, chapter);
    assert.match(page, /^## Exercise$/m, chapter);
  }
});

test.run();
