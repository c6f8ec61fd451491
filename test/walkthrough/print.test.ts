/** What the walkthrough prints, without colors. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plain, ruleLine, wrapProse } from '../../src/lesson/look.js';
import { escaped, withoutSecrets } from '../../src/lesson/player/visible.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import {
  chapterLines,
  decisionLines,
  mistakeLines,
  noteLines,
  transcriptLines,
} from '../../src/walkthrough/print.js';

const test = suite('walkthrough/print');

const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(200)}.${'b'.repeat(40)}`;
const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`;

test('characters that could move the cursor are escaped', () => {
  assert.is(escaped('a\x1b[2Jb\u202ec\nd'), 'a\\x1b[2Jb\\u{202e}c\\x0ad');
});

test('only the beginning of tokens and cookies is shown', () => {
  assert.is(
    withoutSecrets(
      `set-cookie: name=abcdefghijklmnopqrstuvwxyz; Path=/approvals; HttpOnly\n{"access_token":"${TOKEN}"}`,
    ),
    'set-cookie: name=abcdefghijkl…; Path=/approvals; HttpOnly\n{"access_token":"eyJhbGciOiJS…"}',
  );
});

test('a transcript begins with its file and its clauses', () => {
  const reading = readTranscript('# a title\n# clauses: a/b/1 a/b/2\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n');
  if (reading.kind === 'refused') throw new Error(reading.problem);
  assert.equal(transcriptLines(reading.transcript, 'x/y.wire', { width: 80, paint: plain }), [
    'x/y.wire, server: readonly',
    'clauses: a/b/1 a/b/2',
  ]);
});

test("a chapter begins with its README's first paragraph, and explanations are wrapped", () => {
  const chapter = {
    name: '01-a',
    number: 1,
    title: 'Chapter 1: One request',
    summary: 'One two three.',
    group: '',
    page: '',
    core: [],
    files: [],
    exercise: undefined,
  };
  assert.equal(chapterLines(chapter, { width: 10, paint: plain }), [
    '',
    'Chapter 1: One request',
    '',
    'One two',
    'three.',
    '',
    'The page with diagrams: spec-fixtures/01-a/README.md',
  ]);
  assert.equal(noteLines(['one two', 'three'], { width: 9, paint: plain }), ['', '  one two', '  three']);
  assert.equal(noteLines([], { width: 9, paint: plain }), []);
});

test('a mistake names file and line, and shows both sides', () => {
  const mistakes = [
    { line: 2, where: 'status', expected: 'HTTP/1.1 200 OK', received: `HTTP/1.1 400 ${TOKEN}` },
    { line: 0, problem: 'what no line asked for' },
  ];
  assert.is(
    text(mistakeLines('x/y.wire', ['# t', '< HTTP/1.1 200 OK'], mistakes, plain)),
    `

x/y.wire:2 status is not as written
  2 | < HTTP/1.1 200 OK
  - expected  HTTP/1.1 200 OK
  + received  HTTP/1.1 400 eyJhbGciOiJS…

x/y.wire what no line asked for
`,
  );
});

test('a decision is printed with its reason, its policy and its scopes', () => {
  const refused = {
    kind: 'refused',
    outcome: 'refused',
    status: 403,
    tool: 'jira.create',
    decision: { allow: false, reason: 'missing scope: jira:write', policy: '1' },
    scopes: { needed: ['jira:write'], held: ['jira:read'] },
  };
  assert.equal(decisionLines([refused]), [
    'decided: jira.create refused, missing scope: jira:write (policy 1; needs jira:write; holds jira:read)',
    'recorded in the audit log: refused, status 403',
  ]);
  const allowed = { ...refused, decision: { allow: true, reason: 'ok', policy: '1' } };
  const records = [
    { ...allowed, kind: 'intent', outcome: undefined, status: undefined },
    {
      ...allowed,
      kind: 'outcome',
      outcome: 'ok',
      status: 200,
      durationMs: 1.26,
      principal: { user: 'ada' },
    },
  ];
  assert.equal(decisionLines(records), [
    'decided: jira.create allowed (policy 1; needs jira:write)',
    'recorded in the audit log: intent; outcome ok, status 200, in 1.3 ms, for ada',
  ]);
  assert.equal(decisionLines([]), []);
});

test('prose is wrapped, and continues below its beginning', () => {
  assert.equal(wrapProse('one two three', 11, '✓ ', '  '), ['✓ one two', '  three']);
  assert.equal(wrapProse('  ', 11), []);
});

test('a rule is as wide as the terminal, up to a limit', () => {
  assert.is(ruleLine('one', { width: 10, paint: plain }), '── one ───');
  assert.is(ruleLine('one', { width: 500, paint: plain }).length, 120);
  assert.is(ruleLine('longer than it', { width: 10, paint: plain }), '── longer than it ');
});

test.run();
