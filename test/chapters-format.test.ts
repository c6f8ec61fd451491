/** Every page of the lesson has the format that GitHub and /learn read, and the table of chapters is the way through them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlayed } from '../src/lesson/chapters.js';
import {
  diagramProblems,
  foreignLines,
  readChapterFile,
  readChapterPage,
  readTable,
} from './support/chapter-format.js';
import { readRequirements } from './support/coverage.js';
import { ROOT } from './support/process.js';

const test = suite('chapters-format');

const CLAUSES = new Set(readRequirements().map(({ id }) => id));
const TABLE = readTable();
const ROWS = TABLE.flatMap(({ rows }) => rows);

test('the table has every chapter once, in groups', () => {
  const folders = readdirSync(join(ROOT, 'spec-fixtures')).filter((name) => /^\d\d-/.test(name));
  const listed = ROWS.map(({ chapter }) => chapter);
  assert.equal(listed.sort(), folders.sort());
  assert.ok(TABLE.length >= 4);
  for (const { group, rows } of TABLE) assert.ok(rows.length > 0, group);
});

for (const [index, { number, title, chapter }] of ROWS.entries()) {
  const markdown = readChapterFile(chapter, 'README.md') ?? '';
  const page = readChapterPage(markdown);

  test(`${chapter}: its title is that of the table, and a short lead follows`, () => {
    assert.is(markdown.split('\n')[0], `# ${Number(number)}. ${title}`);
    assert.ok(chapter.startsWith(number.padStart(2, '0')));
    assert.ok(page.lead.length > 40 && page.lead.length < 600, `${page.lead.length} characters`);
    assert.not.match(page.lead, /^[#[|`-]/);
  });

  // Two chapters are about what no transcript shows.
  if (readdirSync(join(ROOT, 'spec-fixtures', chapter)).some(isPlayed))
    test(`${chapter}: it has three to five core transcripts, each once`, () => {
      const files = page.core.flatMap((one) => one.files);
      assert.ok(page.core.length >= 3 && page.core.length <= 5, `${page.core.length} places`);
      assert.is(new Set(files).size, files.length);
      assert.equal(
        files.filter((file) => readChapterFile(chapter, file) === undefined || file === 'exercise.wire'),
        [],
      );
    });

  test(`${chapter}: excerpts are in their transcripts`, () => {
    assert.equal(page.strayExcerpts, []);
    for (const { line, files, excerpt } of page.core) {
      if (excerpt === undefined) continue;
      const source = files.map((file) => readChapterFile(chapter, file) ?? '').join('\n');
      assert.is(foreignLines(excerpt, source), undefined, `${chapter}/README.md:${line}`);
    }
    assert.not.match(markdown, /^```text\n[<>] /m, 'an excerpt is a block of the language wire');
  });

  test(`${chapter}: the clauses that it names exist`, () => {
    const named = markdown.match(/\b20\d\d-\d\d-\d\d\/[a-z-]+\/\d{3}\b/g) ?? [];
    // In a table whose column names the revision, an id has no revision of its own.
    const revision = /\| clauses of ([\d-]+) \|/.exec(markdown)?.[1];
    const short = markdown.match(/(?<=\| |, )[a-z-]+\/\d{3}(?=, | \|)/g) ?? [];
    const all = [...named, ...short.map((id) => `${revision}/${id}`)];
    assert.equal(
      all.filter((id) => !CLAUSES.has(id)),
      [],
    );
  });

  test(`${chapter}: its diagrams can be drawn`, () => {
    for (const { line, text } of page.diagrams)
      assert.equal(diagramProblems(text), [], `${chapter}/README.md:${line}`);
  });

  test(`${chapter}: it says what the reader now knows, has an exercise, and leads on`, () => {
    assert.equal(page.headings.slice(-2), ['You now know', 'Exercise']);
    assert.ok(page.lessons >= 3 && page.lessons <= 5, `${page.lessons} bullets`);
    const next = ROWS[index + 1];
    assert.equal(page.next, next && { title: next.title, chapter: next.chapter });
  });

  test(`${chapter}: every gap of its exercise has a task and a hint`, () => {
    const exercise = readChapterFile(chapter, 'exercise.wire') ?? '';
    const gaps = exercise.match(/\bTODO\b(?:\([^)]*\))?/g)?.filter((gap) => gap !== 'TODO') ?? [];
    assert.ok(gaps.length > 0);
    for (const gap of gaps) assert.match(gap, /^TODO\(\S[^|]{3,} \| \S[^|]{15,}\)$/);
  });
}

const SMALL = [
  '# 7. Small',
  'A lead.',
  '[One](one.wire)',
  '```wire\n> a\n```',
  '[Old](old.wire) · [New](new.wire)',
  'See [One](one.wire) again.',
  '```wire\n> b\n```',
  '## You now know',
  '- this\n- that\n  at length',
  '## Exercise',
  'Next: [Large](../08-large/README.md)',
].join('\n\n');

test('a page is read', () => {
  assert.equal(readChapterPage(SMALL), {
    title: 'Small',
    lead: 'A lead.',
    core: [
      { line: 5, files: ['one.wire'], excerpt: '> a\n' },
      { line: 11, files: ['old.wire', 'new.wire'], excerpt: undefined },
    ],
    strayExcerpts: [15],
    diagrams: [],
    headings: ['You now know', 'Exercise'],
    lessons: 2,
    next: { title: 'Large', chapter: '08-large' },
  });
});

test('an excerpt that differs is noticed', () => {
  const transcript = '# title\n> a\n> b\n< c\n';
  assert.is(foreignLines('> a\n> b\n', transcript), undefined);
  assert.is(foreignLines('> a\n...\n< c\n', transcript), undefined);
  assert.is(foreignLines('> a\n< c\n', transcript), '> a\n< c');
  assert.is(foreignLines('> b\n...\n> a\n', transcript), '> a');
  assert.is(foreignLines('> d\n', transcript), '> d');
});

test('a diagram beyond the subset is noticed', () => {
  const diagram = (...rows: string[]): string =>
    ['sequenceDiagram', 'participant C as Client', 'participant S as Server', ...rows].join('\n');
  assert.equal(diagramProblems(diagram('C->>S: hello', 'S-->>C: hello', 'Note over C,S: done')), []);
  assert.equal(diagramProblems(diagram('C-xS: hello')), ['C-xS: hello: neither a message nor a note']);
  assert.equal(diagramProblems(diagram('C->>X: hello')), ['C->>X: hello: no participant X']);
  assert.equal(diagramProblems(diagram(`C->>S: ${'x'.repeat(46)}`)).length, 1);
  assert.equal(diagramProblems(diagram(...Array.from({ length: 15 }, () => 'C->>S: hello'))), ['15 rows']);
  assert.equal(diagramProblems('flowchart LR'), ['it begins with flowchart LR']);
});

test.run();
