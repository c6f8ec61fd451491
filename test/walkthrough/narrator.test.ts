/** The order in which a transcript is printed while it plays, and when it waits for its reader. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plain } from '../../src/lesson/look.js';
import { play } from '../../src/lesson/player/play.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { Narrator, type Telling } from '../../src/walkthrough/narrator.js';

const test = suite('walkthrough/narrator');
const records: unknown[] = [{ kind: 'outcome', outcome: 'long ago' }];
let finish = () => {};
const server = createServer((request, response) => {
  response.sendDate = false;
  response.shouldKeepAlive = false;
  if (request.url === '/open') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    finish = () => response.end('data: 2\n\n');
    return;
  }
  records.push({ kind: 'outcome', outcome: 'ok', decision: { allow: true, reason: 'ok' } });
  response.end('x');
  finish();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
test.after(() => {
  server.closeAllConnections();
  server.close();
});

async function told(source: string, more: Partial<Telling> = {}): Promise<string[]> {
  const reading = readTranscript(`# t\n# clauses: none\n${source}`);
  if (reading.kind === 'refused') throw new Error(`${reading.line} ${reading.problem}`);
  const lines: string[] = [];
  const stage = {
    addresses: { readonly: `http://127.0.0.1:${port}/mcp` },
    tokens: { readonly: `t${'o'.repeat(30)}ken` },
    records: async () => [...records],
  };
  const telling = {
    print: (line: string) => void lines.push(line),
    look: { width: 200, paint: plain },
    takeServerOutput: () => [],
    ...more,
  };
  const narrator = new Narrator(
    reading.transcript,
    source,
    { place: 'chapter 1 · 2 of 3', file: 'a.wire' },
    stage,
    telling,
  );
  const { failure } = await play(reading.transcript, stage, 'a.wire', narrator);
  assert.is(failure, undefined);
  narrator.end();
  const noise =
    /^$|^. (host|authorization|connection|keep-alive|transfer-encoding|content-type|content-length|date):|^[<>]$/i;
  // Without the notes on the right.
  return lines
    .filter((line) => !noise.test(line))
    .map((line) => line.replace(/ {3,}.*$/, '').replace(/ ─+$/, ''));
}

const HEADING = ['── chapter 1 · 2 of 3', 'T', 'a.wire, server: readonly', 'not in any MCP document'];

test('explanations, bytes and decisions are in order', async () => {
  const lines = await told(
    '* before\n> GET / HTTP/1.1\n* between\n< HTTP/1.1 200 OK\n<\n< x\n* after\n\n> GET /2 HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< x\n\n* at the end\n',
    { takeServerOutput: () => ['a word'] },
  );
  const decided = [
    'decided: allowed',
    'recorded in the audit log: outcome ok',
    "on the server's stderr: a word",
  ];
  const [first = '', ...about] = HEADING;
  assert.equal(lines, [
    `${first} · exchange 1 of 2`,
    ...about,
    '  before',
    '> GET / HTTP/1.1',
    '  between',
    '< HTTP/1.1 200 OK',
    '< x',
    ...decided,
    `${first} · exchange 2 of 2`,
    'T',
    '  after',
    '> GET /2 HTTP/1.1',
    '< HTTP/1.1 200 OK',
    '< x',
    ...decided,
    '  at the end',
  ]);
});

test('the reader sends each request, and goes on after each answer', async () => {
  const order: string[] = [];
  await told('> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< x\n\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< x\n', {
    print: (line) => void order.push(line),
    pause: async (what) => void order.push(what),
  });
  assert.equal(
    order.filter((line) => /^(Enter|> GET|< x)/.test(line)).map((line) => line.replace(/ {3,}.*$/, '')),
    [
      '> GET / HTTP/1.1',
      'Enter sends it',
      '< x',
      'Enter goes on',
      '> GET / HTTP/1.1',
      'Enter sends it',
      '< x',
    ],
  );
});

test('an open exchange is printed by name, piece by piece, without waiting for the reader', async () => {
  const waits: string[] = [];
  const pause = async (what: string) => void waits.push(what);
  const lines = await told(
    `> @a
> GET /open HTTP/1.1
< @a
< HTTP/1.1 200 OK
< content-type: text/event-stream
<
< data: 1

> GET / HTTP/1.1
< HTTP/1.1 200 OK
<
< x

< @a
< data: 2
< @a ends

> GET / HTTP/1.1
< HTTP/1.1 200 OK
<
< x
`,
    { pause },
  );
  assert.equal(waits, ['Enter sends it', 'Enter goes on', 'Enter sends it']);
  assert.equal(
    lines.filter((line) => /@|data|GET/.test(line)),
    [
      '@a: a connection with a name',
      '> GET /open HTTP/1.1',
      '@a: from the server',
      '< data: 1',
      '> GET / HTTP/1.1',
      '@a: from the server',
      '< data: 2',
      '@a: the server has closed it',
      '> GET / HTTP/1.1',
    ],
  );
});

test('a curl command comes before the pause, and its token once, from a file', async () => {
  const order: string[] = [];
  await told('> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< x\n\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< x\n', {
    print: (line) => void order.push(line),
    pause: async (what) => void order.push(what),
    saveSecret: async (secret) => `/kept/${secret.length}`,
  });
  const curl = `curl -si http://127.0.0.1:${port}/ -H 'User-Agent:' -H 'Accept:' -H "Authorization: Bearer $TOKEN"`;
  assert.equal(
    order.filter((line) => /^(TOKEN|curl|Enter sends)/.test(line)),
    ['TOKEN=$(cat /kept/34)', curl, 'Enter sends it', curl, 'Enter sends it'],
  );
});

test.run();
