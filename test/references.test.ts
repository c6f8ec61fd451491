/** No page, transcript, annotation or comment speaks of a file, folder or npm script that is not there, or of a size it no longer has. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linesOf, projectTree, readText, trackedFiles } from './support/project-tree.js';
import { staleCounts, staleReferences, treeOf, withCounts } from './support/references.js';
import { readSource } from './support/source.js';

const test = suite('references');
const tree = projectTree();
const pages = trackedFiles().filter((file) => /\.(md|wire)$/.test(file));
const sources = trackedFiles().filter((file) => /^(src|test)\/.*\.ts$/.test(file));

const stale = (file: string, text: string): string[] =>
  staleReferences(file, text, tree).map(({ line, reference }) => `${file}:${line} ${reference}`);

test('every path, file name, link and npm script in a page or transcript is there', () => {
  assert.ok(pages.length > 350, `${pages.length} pages`);
  const wrong = pages.flatMap((file) => stale(file, readText(file)));
  assert.is(wrong.join('\n'), '');
});

test('every path and file name in a comment of the sources is there', () => {
  const wrong = sources.flatMap((file) => stale(file, commentsOf(readText(file))));
  assert.is(wrong.join('\n'), '');
});

test('every line count in a table is about right; npm run pages -- --write corrects them', () => {
  const wrong = pages.flatMap((file) => staleCounts(file, readText(file), linesOf));
  assert.is(wrong.join('\n'), '');
});

test('every line on which a mutant is explained is there', () => {
  const explained = JSON.parse(readText('test/mutants/equivalent.json')) as { file: string; line: string }[];
  assert.ok(explained.length > 50, `${explained.length} explained`);
  const linesIn = (file: string) => (tree.files.has(file) ? readText(file) : '').split('\n');
  const moved = explained.filter(({ file, line }) => !linesIn(file).some((one) => one.trim() === line));
  assert.equal(
    moved.map(({ file, line }) => `${file}: ${line}`),
    [],
  );
});

/** The comments alone; each stays on its line. */
function commentsOf(text: string): string {
  const { code } = readSource(text);
  return text
    .split('')
    .map((char, at) => (char === '\n' || code[at] !== char ? char : ' '))
    .join('');
}

const made = treeOf(['src/wire/fault.ts', 'test/run.ts', 'docs/page.md'], ['build']);
const found = (text: string): string[] =>
  staleReferences('docs/page.md', text, made).map(({ reference }) => reference);

test('a path, a name, a link and a script that are not there are found', () => {
  assert.equal(
    found('see `src/wire/fault.ts` and src/wire, built as dist/wire/fault.js, run by test/run.ts'),
    [],
  );
  assert.equal(found('see fault.ts, `wire/fault.ts` and [it](../src/wire/fault.ts#L1); npm run build'), []);
  assert.equal(found('see `src/wire/faults.ts` and dist/fault.js'), ['src/wire/faults.ts', 'dist/fault.js']);
  assert.equal(found('see faults.ts and oauth/fault.ts'), ['faults.ts', 'oauth/fault.ts']);
  assert.equal(found('[it](src/wire/fault.ts)'), ['src/wire/fault.ts']);
  assert.equal(found('npm run -s rebuild'), ['rebuild']);
});

test('a line count that is far off is found, and can be written', () => {
  const page = '| [`fault.ts`](../src/wire/fault.ts) | every refusal | 1,000 |\n| other | 7 |\n';
  assert.equal(
    staleCounts('docs/page.md', page, () => 1_100),
    [],
  );
  assert.equal(
    staleCounts('docs/page.md', page, () => 3_214),
    ['src/wire/fault.ts has 3214 lines, not 1000'],
  );
  assert.is(
    withCounts('docs/page.md', page, () => 3_214),
    '| [`fault.ts`](../src/wire/fault.ts) | every refusal | 3,210 |\n| other | 7 |\n',
  );
});

test.run();
