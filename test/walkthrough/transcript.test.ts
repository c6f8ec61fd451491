import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';

const test = suite('walkthrough/transcript');
const HEAD = '# a title\n# clauses: 2025-11-25/basic/004\n';

function read(text: string) {
  const reading = readTranscript(text);
  if (reading.kind === 'refused') throw new Error(`${reading.line}: ${reading.problem}`);
  return reading.transcript;
}

test('reads what a transcript for any server says about itself', () => {
  const { server, era, needs, transport, eitherTransport } = read(
    `${HEAD}# server: any\n# transport: either\n# era: legacy\n# needs: tools call\n# needs: session\n> GET / HTTP/1.1\n< HTTP/1.1 200\n`,
  );
  assert.equal(
    [server, era, needs, transport, eitherTransport],
    ['any', 'legacy', ['tools', 'call', 'session'], 'http', true],
  );
});

test('reads several responses of which any may come', () => {
  const { steps } = read(
    `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 202\n< {{or}}\n< HTTP/1.1 4{{any}}\n< a: b\n<\n< {{any}}\n`,
  );
  const [, expected] = steps;
  assert.equal(expected, {
    kind: 'expect',
    name: '',
    line: 4,
    expected: {
      kind: 'response',
      line: 4,
      status: 'HTTP/1.1 202',
      headers: [],
      body: { kind: 'empty', line: 4 },
      or: {
        kind: 'response',
        line: 6,
        status: 'HTTP/1.1 4{{any}}',
        headers: [{ line: 7, name: 'a', value: 'b' }],
        body: { kind: 'text', line: 9, text: '{{any}}' },
      },
    },
  });
});

test('reads title, clauses, settings, notes and the blocks of an exchange', () => {
  const transcript = read(
    '# a title\n# clauses: a/b/1  c/d/2\n# clauses: e/f/3\n# server: destructive\n\n* first\n' +
      '> POST /mcp HTTP/1.1\n> a: b\n* second\n>\n> {\n>   "a": 1}\n< HTTP/1.1 200 OK\n< X-A: {{any}}\n<\n< {"b":\n< [2]}\n',
  );
  const { title, clauses, server, transport, notes, steps } = transcript;
  assert.equal(
    [title, clauses, server, transport],
    ['a title', ['a/b/1', 'c/d/2', 'e/f/3'], 'destructive', 'http'],
  );
  assert.equal(notes, [
    { line: 6, text: 'first' },
    { line: 9, text: 'second' },
  ]);
  assert.equal(steps, [
    {
      kind: 'send',
      name: '',
      line: 7,
      head: [
        { line: 7, text: 'POST /mcp HTTP/1.1' },
        { line: 8, text: 'a: b' },
      ],
      body: [
        { line: 11, text: '{' },
        { line: 12, text: '  "a": 1}' },
      ],
    },
    {
      kind: 'expect',
      name: '',
      line: 13,
      expected: {
        kind: 'response',
        line: 13,
        status: 'HTTP/1.1 200 OK',
        headers: [{ line: 14, name: 'x-a', value: '{{any}}' }],
        body: { kind: 'json', line: 16, value: { b: [2] } },
      },
    },
  ]);
});

test('reads which server a named request goes to', () => {
  const { steps } = read(`${HEAD}> @a on destructive\n> POST /mcp HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n`);
  assert.equal(
    steps.map((step) => [step.kind, step.name, step.kind === 'send' ? step.on : undefined]),
    [
      ['send', 'a', 'destructive'],
      ['expect', 'a', undefined],
    ],
  );
});
test('refuses an unknown server, and a server for a response', () => {
  for (const text of [
    '> @a on nowhere\n> POST /mcp HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n',
    '> @a\n> POST /mcp HTTP/1.1\n< @a on destructive\n< HTTP/1.1 200 OK\n',
  ]) {
    const reading = readTranscript(HEAD + text);
    assert.is(reading.kind, 'refused');
    assert.match(reading.kind === 'refused' ? reading.problem : '', /^expected "@name"/);
  }
});

test('reads named exchanges, later events, and both ends', () => {
  const { steps } = read(
    `${HEAD}> @a\n> GET /mcp HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n<\n< : hi\n<\n< event: x\n< data: {"a":\n< data: 1}\n< @a\n< data: two\n> @a closes\n\n` +
      '> @b\n> GET / HTTP/1.1\n< @b ends\n',
  );
  assert.equal(
    steps.map(({ kind, name, line }) => `${line} ${kind} ${name}`),
    ['4 send a', '6 expect a', '14 expect a', '15 close a', '18 send b', '19 end b'],
  );
  const expected = steps.flatMap((step) => (step.kind === 'expect' ? [step.expected] : []));
  assert.equal(expected[0]?.kind === 'response' && expected[0].body, {
    kind: 'frames',
    line: 6,
    frames: [
      { line: 8, comment: 'hi' },
      { line: 10, event: 'x', data: '{"a":\n1}' },
    ],
  });
  assert.equal(expected[1], { kind: 'frames', line: 14, frames: [{ line: 14, data: 'two' }] });
});

test('reads the lines of stdio', () => {
  const { steps, transport } = read(
    `${HEAD}# transport: stdio\n> {}\n> {"a":1}\n< {"b":2}\n> @stdin closes\n< @stdout ends\n`,
  );
  assert.is(transport, 'stdio');
  assert.equal(
    steps.map(({ kind, line }) => `${line} ${kind}`),
    ['4 write', '5 write', '6 expect', '7 close', '8 end'],
  );
});

const refusals: [title: string, text: string, line: number, problem: RegExp][] = [
  ['no title', '> GET / HTTP/1.1\n', 1, /title/],
  ['no clauses', '# a\n> GET / HTTP/1.1\n', 1, /clauses/],
  ['an unknown setting', '# a\n# clause: x\n', 2, /expected "# clauses/],
  ['an unknown server', '# a\n# server: main\n', 2, /readonly\|destructive/],
  ['a line without mark', `${HEAD}POST / HTTP/1.1\n`, 3, /begins with/],
  ['a mark without space', `${HEAD}>POST / HTTP/1.1\n`, 3, /one space/],
  ['nothing to send', HEAD, 3, /nothing is sent/],
  [
    'a request without response',
    `${HEAD}> GET / HTTP/1.1\n\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n`,
    3,
    /no response/,
  ],
  ['a response without request', `${HEAD}< HTTP/1.1 200 OK\n`, 3, /no request/],
  ['a name nobody opened', `${HEAD}< @a\n< HTTP/1.1 200 OK\n`, 4, /no request opened "@a"/],
  ['a name in use', `${HEAD}> @a\n> GET / HTTP/1.1\n> @a\n> GET / HTTP/1.1\n`, 6, /still open/],
  [
    'a status line twice',
    `${HEAD}> @a\n> GET / HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n< @a\n< HTTP/1.1 200 OK\n`,
    8,
    /status line/,
  ],
  ['an unknown verb', `${HEAD}> @a\n> GET / HTTP/1.1\n< @a stops\n`, 5, /ends/],
  ['a broken status line', `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 OK\n`, 4, /status line/],
  ['a broken header', `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n< a b\n`, 5, /name: value/],
  [
    'broken JSON',
    `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< {"id":{{id}}}\n`,
    6,
    /wildcards stand inside/,
  ],
  ['broken JSON in an event', `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< data: {"id":\n`, 6, /JSON/],
  [
    'text in an event stream',
    `${HEAD}> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n< content-type: text/event-stream\n<\n< {}\n`,
    7,
    /event has lines/,
  ],
  ['a name on stdio', `${HEAD}# transport: stdio\n> @a\n> {}\n`, 4, /stdio/],
];
for (const [title, text, line, problem] of refusals) {
  test(`refuses ${title} and names the line`, () => {
    const reading = readTranscript(text);
    if (reading.kind !== 'refused') throw new Error(reading.kind);
    assert.match(reading.problem, problem);
    assert.is(reading.line, line);
  });
}

test.run();
