/** Runs the curl commands in a shell, against a recorder of bytes and against the servers. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { FIXTURES } from '../../src/lesson/files.js';
import { curlLine, type Variables } from '../../src/lesson/player/curl.js';
import { play } from '../../src/lesson/player/play.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { paste } from '../support/process.js';
import { needPrograms } from '../support/programs.js';

needPrograms('walkthrough/curl', 'bash', 'curl');
const test = suite('walkthrough/curl');
const theatre = createTheatre();
let received = Buffer.alloc(0);
let wanted = 0;
const recorder = createServer((socket) => {
  received = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length >= wanted) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  });
});
recorder.listen(0, '127.0.0.1');
await once(recorder, 'listening');
const url = new URL(`http://127.0.0.1:${(recorder.address() as AddressInfo).port}`);
test.after(async () => {
  recorder.close();
  await theatre.close();
});

/** The same but for the order of the headers. */
function comparable(bytes: Buffer): string {
  const [head = '', ...body] = bytes.toString('latin1').split('\r\n\r\n');
  const [start, ...headers] = head.split('\r\n');
  return [start, ...headers.sort(), '', ...body].join('\n');
}

async function arrives(request: string | Buffer, variables: Variables = {}): Promise<string> {
  const bytes = Buffer.from(request);
  const line = curlLine(bytes, url, variables);
  if (line.kind === 'not') throw new Error(line.why);
  received = Buffer.alloc(0);
  wanted = bytes.length;
  await paste(`${line.line} -m 5`, variables);
  assert.is(comparable(received), comparable(bytes));
  return line.line;
}

const HOST = `Host: ${url.host}\r\n`;

test('a POST arrives byte for byte, quotes and line breaks included', async () => {
  const body = `{"a": "it's $HOME \`b\` \\\\ !",\n"c": "ü"}`;
  const line = await arrives(
    Buffer.from(
      `POST /mcp HTTP/1.1\r\n${HOST}X-Quote: it's "$HOME"\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  for (const added of ['User-Agent', 'Accept', 'Content-Type'])
    assert.ok(line.includes(`-H '${added}:'`), added);
});

test('bytes that are not UTF-8 arrive', async () => {
  const head = Buffer.from(`POST /mcp HTTP/1.1\r\n${HOST}Content-Length: 4\r\n\r\n`);
  await arrives(Buffer.concat([head, Buffer.from([0xc3, 0x28, 0x27, 0x5c])]));
});

test('other methods, targets, headers and lengths arrive', async () => {
  await arrives(`GET /a?b=[1]&c={x} HTTP/1.1\r\n${HOST}Accept: a/b\r\n\r\n`);
  await arrives(`GET /a/../b HTTP/1.0\r\n${HOST}\r\n`);
  await arrives(`DELETE /mcp HTTP/1.1\r\n${HOST}Accept: a/b\r\nAccept: c/d\r\n\r\n`);
  await arrives(`HEAD /mcp HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
  await arrives(`OPTIONS * HTTP/1.1\r\n\r\n`);
  await arrives(`POST /mcp HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`);
  await arrives(`POST /mcp HTTP/1.1\r\n${HOST}Content-Type: a/b\r\n\r\nno length`);
});

test('a token is in a variable', async () => {
  const line = await arrives(`GET / HTTP/1.1\r\n${HOST}Authorization: Bearer s3cret\r\n\r\n`, {
    TOKEN: 's3cret',
  });
  assert.not.match(line, /s3cret/);
  assert.match(line, / -H "Authorization: Bearer \$TOKEN"$/);
});

const beyond: [title: string, request: string, why: RegExp][] = [
  ['another protocol', 'what is this\r\n\r\n', /request line/],
  ['half a head', 'GET / HTTP/1.1\r\n', /complete head/],
  ['chunks', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', /chunks/],
  ['a broken header', 'GET / HTTP/1.1\r\nno colon\r\n\r\n', /invalid header line/],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', /sends only once/],
  ['a byte of zero', 'POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n\0', /no argument/],
  ['a huge body', `POST / HTTP/1.1\r\n\r\n${'x'.repeat(100_001)}`, /too long/],
];
for (const [title, request, why] of beyond) {
  test(`curl cannot send ${title}, and the walkthrough says so`, () => {
    const line = curlLine(Buffer.from(request), url);
    assert.match(line.kind === 'not' ? line.why : line.line, why);
  });
}

const SHOWN = [
  '01-one-request/answers-plain-curl.wire',
  '01-one-request/refuses-a-get.wire',
  '01-one-request/lets-a-local-page-read.wire',
  '02-initialize/agrees-on-2025-06-18.wire',
  '18-ways-to-break-it/sends-a-null-id.wire',
  '18-ways-to-break-it/rebinds-a-name.wire',
  '18-ways-to-break-it/sends-no-utf-8.wire',
];
for (const file of SHOWN) {
  test(`the lines of ${file} are answered with the status that it shows`, async () => {
    const source = readFileSync(join(FIXTURES, file), 'utf8');
    const reading = readTranscript(source);
    if (reading.kind === 'refused') throw new Error(reading.problem);
    const stage = await theatre.stageFor(reading.transcript, source);
    const lines: string[] = [];
    const variables: Variables = { TOKEN: stage.tokens?.readonly ?? '' };
    const { failure } = await play(reading.transcript, stage, file, {
      async beforeSend(_, bytes, target) {
        const line = curlLine(bytes, target ?? url, variables);
        lines.push(line.kind === 'not' ? line.why : line.line);
      },
    });
    assert.is(failure, undefined);
    const shown = [...source.matchAll(/^< (HTTP\/1\.1 .*)$/gm)].map(([, status]) => status);
    const answers = await Promise.all(lines.map((line) => paste(line, variables)));
    assert.equal(
      answers.map(({ stdout }) => stdout.split('\r\n', 1)[0]),
      shown,
    );
  });
}

test.run();
