/** What `call` prints: results, progress, examples to paste, and the requests for a token. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exampleCall } from '../../src/cli/call/example.js';
import { promptLines, resourceLines, toolResultLines } from '../../src/cli/call/result-text.js';
import { Screen } from '../../src/cli/call/screen.js';
import { showFetch } from '../../src/cli/call/show-fetch.js';
import { progressText, taskText } from '../../src/cli/call/status.js';
import { plain } from '../../src/lesson/look.js';

const test = suite('call/text');
const TERMINAL = { width: 40, paint: plain, exact: false };
const PIPE = { ...TERMINAL, exact: true };
const HOSTILE = 'a\u001b[2J\u202eb\r\n';

test('a terminal gets safe text, and a pipe the original', () => {
  const result = { content: [{ type: 'text', text: HOSTILE }] };
  assert.equal(toolResultLines(result, TERMINAL), ['a[U+001B][2J[U+202E]b']);
  assert.equal(toolResultLines(result, PIPE), ['a\u001b[2J\u202eb\r']);
});

test('structured content is printed once, laid out where it is long', () => {
  const value = { names: ['one', 'two'], more: { text: 'a text that needs some space', count: 1 } };
  const text = JSON.stringify(value, null, 2);
  const lines = toolResultLines({ content: [{ type: 'text', text }], structuredContent: value }, TERMINAL);
  assert.equal(lines, [
    '{',
    '  "names": ["one","two"],',
    '  "more": {',
    '    "text": "a text that needs some space",',
    '    "count": 1',
    '  }',
    '}',
  ]);
  assert.equal(JSON.parse(lines.join('')), value);
  const other = toolResultLines({ content: [{ type: 'text', text: 'hi' }], structuredContent: 5 }, TERMINAL);
  assert.equal(other, ['hi', '5']);
});

test('blocks of every kind, and of an unknown one', () => {
  const content = [
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'file:///a', name: 'a', mimeType: 'text/plain' },
    { type: 'resource', resource: { uri: 'file:///b', text: 'b' } },
    { type: 'hologram' },
  ];
  assert.equal(toolResultLines({ content }, TERMINAL), [
    '(audio, audio/wav, 3 bytes; --json has it as base64)',
    'file:///a  a · text/plain',
    'resource file:///b',
    'b',
    '(content of the type hologram, which --json shows)',
  ]);
  assert.equal(toolResultLines({}, TERMINAL), []);
  assert.equal(
    resourceLines(
      {
        contents: [
          { uri: 'a:1', text: 'x' },
          { uri: 'a:2', blob: 'AA==' },
        ],
      },
      TERMINAL,
    ),
    ['a:1', 'x', 'a:2', '(data, of an unknown type, 1 bytes; --json has it as base64)'],
  );
  assert.equal(promptLines({ messages: [{ role: 'user', content: { type: 'text', text: 'x' } }] }, PIPE), [
    'user:',
    'x',
  ]);
});

test('progress with an end is a bar, without one a number; a task says what it does', () => {
  assert.is(progressText({ progress: 1, total: 4, message: 'reading' }), '█████░░░░░░░░░░░░░░░ 25 % reading');
  assert.is(progressText({ progress: 9, total: 4 }), '████████████████████ 100 %');
  assert.is(progressText({ progress: 0.5, message: 'a\u001b[2J' }), '0.50 a[U+001B][2J');
  assert.is(progressText({ progress: 3, total: 0 }), '3');
  assert.is(taskText({ status: 'working', statusMessage: 'half way' }), 'task: half way');
  assert.is(taskText({ status: 'working' }), 'task: working');
});

test('the progress line never overwrites a prompt, and never appears in a pipe', async () => {
  const parts: string[] = [];
  /** What was written since the last time. */
  const text = (): string => parts.splice(0).join('');
  const options = { look: TERMINAL, write: (more: string) => void parts.push(more) };
  const piped = new Screen({ ...options, redraws: false });
  piped.status('50 %');
  assert.is(text(), '');
  const keyboard = process.stdin;
  const screen = new Screen({ ...options, keyboard, redraws: true });
  screen.status('50 %');
  screen.say('a message');
  assert.is(text(), '\r\u001b[2K50 %\r\u001b[2Ka message\n50 %');
  const stop = new AbortController();
  const asked = screen.ask('Name: ', stop.signal);
  screen.status('60 %');
  assert.is(text(), '\r\u001b[2KName: ');
  stop.abort();
  assert.is(await asked, undefined);
  screen.close();
});

test('an example can be pasted into a shell', () => {
  const tool = {
    name: "it's",
    inputSchema: {
      properties: {
        a: { type: 'string' },
        b: { type: 'integer' },
        c: { enum: ['x y'] },
        d: {},
        e: { type: 'array' },
      },
      required: ['a', 'b', 'c', 'e'],
    },
  };
  const line = exampleCall({ kind: 'stdio', command: ['node', 'a server.js'] }, tool);
  const words = execFileSync('sh', ['-c', line.replace(/^barewire/, `printf '%s\\n'`)], { encoding: 'utf8' });
  assert.equal(words.trimEnd().split('\n'), [
    'call',
    "it's",
    'a=…',
    'b=1',
    'c=x y',
    'e=[]',
    '--',
    'node',
    'a server.js',
  ]);
});

test('a request for a token is shown without what is secret in it', async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: 'secret-access-token', token_type: 'Bearer' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/token`;
  const parts: string[] = [];
  const showing = showFetch(
    { width: 100, paint: plain },
    (more) => void parts.push(more),
    () => new Date(0),
  );
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'secret-code-1',
    client_secret: 'secret-2',
  });
  const response = await showing(url, { method: 'POST', body });
  assert.is(((await response.json()) as { access_token: string }).access_token, 'secret-access-token');
  server.close();
  server.closeAllConnections();
  const text = parts.join('');
  assert.match(text, /\n── token 1 · POST \/token · localhost:\d+ ─+\n> POST \/token HTTP\/1\.1 /);
  assert.match(text, /grant_type=authorization_code/);
  assert.match(text, /\n< HTTP\/1\.1 200 OK/);
  assert.not.match(text, /secret-/);
});

test.run();
