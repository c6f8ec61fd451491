/** What the walkthrough prints, without colors. */
import { stripVTControlCharacters } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { visibleLines } from '../../src/lesson/player/visible.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { coloured, plain } from '../../src/walkthrough/columns.js';
import {
  chapterLines,
  decisionLines,
  exchangeLines,
  mistakeLines,
  noteLines,
  transcriptLines,
} from '../../src/walkthrough/print.js';

const test = suite('walkthrough/print');

const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(200)}.${'b'.repeat(40)}`;
const sent = Buffer.from(
  `POST /mcp HTTP/1.1\r\nHost: localhost:3000\r\nAuthorization: Bearer ${TOKEN}\r\n` +
    'Content-Type: application/json\r\nContent-Length: 40\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"ping"}',
);
const came = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 36\r\n\r\n' +
    '{"jsonrpc":"2.0","id":1,"result":{}}',
);
const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`;

test('a narrow terminal has the response below its request', () => {
  assert.is(
    text(exchangeLines({ name: '', sent, came }, { width: 40, paint: plain })),
    `

> POST /mcp HTTP/1.1
> Host: localhost:3000
> Authorization: Bearer eyJhbGciOiJS…
> Content-Type: application/json
> Content-Length: 40
>
> {"jsonrpc":"2.0","id":1,"method":"ping
  "}
< HTTP/1.1 200 OK
< content-type: application/json
< content-length: 36
<
< {"jsonrpc":"2.0","id":1,"result":{}}
`,
  );
});

test('a wide terminal has the response beside its request', () => {
  assert.is(
    text(exchangeLines({ name: 'slow', sent, came }, { width: 120, paint: plain })),
    `

@slow
> POST /mcp HTTP/1.1                                       | < HTTP/1.1 200 OK
> Host: localhost:3000                                     | < content-type: application/json
> Authorization: Bearer eyJhbGciOiJS…                      | < content-length: 36
> Content-Type: application/json                           | <
> Content-Length: 40                                       | < {"jsonrpc":"2.0","id":1,"result":{}}
>                                                          |
> {"jsonrpc":"2.0","id":1,"method":"ping"}                 |
`,
  );
});

test('no line is wider than the terminal, with or without colors', () => {
  const long = Buffer.concat([came, Buffer.from('x'.repeat(500))]);
  for (const width of [40, 119, 120, 121, 180]) {
    const lines = exchangeLines({ name: '', sent, came: long }, { width, paint: plain });
    assert.ok(
      lines.every((line) => line.length <= width),
      `${width}`,
    );
    const painted = exchangeLines({ name: '', sent, came: long }, { width, paint: coloured });
    const bare = painted.map((line) => stripVTControlCharacters(line).trimEnd());
    assert.equal(bare, lines);
    assert.is.not(painted.join(), lines.join());
  }
});

test('invisible characters are escaped, and cannot move the cursor', () => {
  assert.equal(visibleLines(Buffer.from('a\x1b[2Jb\u202ec\r\nd\n')), ['a\\x1b[2Jb\\u{202e}c', 'd']);
  assert.equal(visibleLines(Buffer.from([0x61, 0xc3, 0x28])), ['a\\xc3(']);
  assert.equal(visibleLines(Buffer.from('GET / HTTP/1.1\nx: y\r\n\r\n')), ['GET / HTTP/1.1\\x0ax: y']);
});

test('only the beginning of tokens and cookies is shown', () => {
  const head = Buffer.from(
    `HTTP/1.1 200 OK\r\nset-cookie: name=abcdefghijklmnopqrstuvwxyz; Path=/approvals; HttpOnly\r\n\r\n{"access_token":"${TOKEN}"}`,
  );
  assert.equal(visibleLines(head).slice(1), [
    'set-cookie: name=abcdefghijkl…; Path=/approvals; HttpOnly',
    '',
    '{"access_token":"eyJhbGciOiJS…"}',
  ]);
});

test('very long lines lose their middle', () => {
  const [line = ''] = visibleLines(Buffer.from('y'.repeat(9_000)));
  assert.ok(line.length < 3_100);
  assert.match(line, /^y+ … 6200 characters more … y+$/);
});

test('a transcript begins with its title, its file and its clauses', () => {
  const reading = readTranscript('# a title\n# clauses: a/b/1 a/b/2\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n');
  if (reading.kind === 'refused') throw new Error(reading.problem);
  assert.equal(transcriptLines(reading.transcript, 'x/y.wire', { width: 80, paint: plain }), [
    '',
    'a title',
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
    'recorded: refused status 403',
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
    'decided: jira.create allowed, ok (policy 1; needs jira:write)',
    'recorded: intent; outcome ok status 200 in 1.3 ms for ada',
  ]);
  assert.equal(decisionLines([]), []);
});

test.run();
