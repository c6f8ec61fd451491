import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Peer } from '../../src/lesson/player/peer.js';
import { play } from '../../src/lesson/player/play.js';
import type { Stage } from '../../src/lesson/player/stage.js';
import { answerOf, readHttp } from '../../src/lesson/transcripts/response.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { emittedIn } from '../support/spoken.js';
import { turn, until } from '../support/until.js';

const test = suite('walkthrough/play');
let left = 0;
let finish = () => {};

const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const json = (value: unknown) => {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
  };
  const path = request.url ?? '';
  if (path === '/echo') json({ headers: request.rawHeaders, body });
  else if (path === '/session') response.setHeader('Mcp-Session-Id', 's-1').end(body);
  else if (path === '/empty') response.writeHead(202).end();
  else if (path === '/left') json({ left });
  else if (path === '/finish') {
    finish();
    response.end();
  } else if (path === '/hang') request.socket.setTimeout(0);
  else if (path === '/cut') request.socket.destroy();
  else if (path === '/rpc') json({ jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } });
  else if (path === '/stream' || path === '/open') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': hello\n\nevent: message\ndata: {"n":1}\n\n: tick\n\n');
    response.on('close', () => {
      left += response.writableFinished ? 0 : 1;
    });
    const more = () => response.end('data: {"n":2}\n\n');
    if (path === '/open') finish = more;
    else more();
  }
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const readonly = `http://127.0.0.1:${port}/mcp`;
test.after(() => {
  server.closeAllConnections();
  server.close();
});

const HEAD = '# a title\n# clauses: a/b/1\n';

async function run(text: string, deadlineMs = 2000, heading = HEAD, who: Partial<Stage> = {}) {
  const reading = readTranscript(heading + text);
  if (reading.kind === 'refused') throw new Error(`${reading.line}: ${reading.problem}`);
  const spawnStdio = () => {
    const echo = `let n = 0; require('readline').createInterface({ input: process.stdin })
      .on('line', (line) => { if (line !== 'quiet') console.log(JSON.stringify({ n: ++n, line })); });`;
    const child = spawn(process.execPath, ['-e', echo], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { peer: new Peer(child.stdin, child.stdout), stop: () => void child.kill() };
  };
  const addresses = { readonly, destructive: `http://localhost:${port}/mcp` };
  const stage = { addresses, ...who, spawnStdio, deadlineMs };
  return play(reading.transcript, stage, 'a.wire');
}
const passes = async (text: string, heading?: string) =>
  assert.is((await run(text, 2000, heading)).failure, undefined);
async function fails(text: string, expected: RegExp, deadlineMs?: number, heading?: string) {
  assert.match((await run(text, deadlineMs, heading)).failure ?? 'it passed', expected);
}

test('sends a request to the server that its line names', async () => {
  const sentTo = (line: string, host: string) =>
    `${line}\n> GET /echo HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n<\n< {"headers": ["Host", "${host}"], "body": ""}\n`;
  await passes(sentTo('> @a', `127.0.0.1:${port}`));
  await passes(sentTo('> @a on destructive', `localhost:${port}`));
  await fails(sentTo('> @a on sessions', ''), /the sessions server is not running/);
});

test("adds the token of the request's server, and inserts those of the file on request", async () => {
  const who = { tokens: { readonly: 'r1', destructive: 'd1' }, strangers: { readonly: 'r2' } };
  const carries = async (line: string, header: string, expected: string) => {
    const text = `${line}\n> GET /echo HTTP/1.1\n${header}< @a\n< HTTP/1.1 200 OK\n<\n< {"headers": ["Host", "{{any}}"${expected}], "body": ""}\n`;
    assert.is((await run(text, 2000, HEAD, who)).failure, undefined);
  };
  await carries('> @a', '', ', "Authorization", "Bearer r1"');
  await carries('> @a on destructive', '', ', "Authorization", "Bearer d1"');
  await carries('> @a', '> authorization: {{absent}}\n', '');
  await carries(
    '> @a on destructive',
    '> authorization: Bearer {{bearer}}\n',
    ', "authorization", "Bearer r1"',
  );
  await carries('> @a', '> authorization: Bearer {{stranger}}\n', ', "authorization", "Bearer r2"');
});

test('adds Host and Content-Length, sends the rest as written, and joins body lines', () =>
  passes(`> POST /echo HTTP/1.1
> X-oDD: {{host}}
>
> {"a":
>  1}
< HTTP/1.1 200 OK
< content-type: application/json
< x-other: {{absent}}
<
< {"headers": ["Host", "{{host}}", "X-oDD", "{{host}}", "Content-Length", "9"],
<  "body": "{\\"a\\":\\n 1}"}
`));

test('adds nothing that is there or marked as absent', () =>
  passes(`> POST /echo HTTP/1.1
> host: localhost
> Transfer-Encoding: chunked
>
> {{hex 31 0d 0a}}x{{hex 0d 0a}}0{{hex 0d 0a 0d 0a}}
< HTTP/1.1 200 OK
<
< {"headers": ["host", "localhost", "Transfer-Encoding", "chunked"], "body": "x"}

> POST /echo HTTP/1.1
> host: {{absent}}
< HTTP/1.1 400 Bad Request
<
< {{any}}
`));

test('inserts what it captured from a header or a member', () =>
  passes(`> POST /session HTTP/1.1
>
> {"list":[{"cursor":"c\\"1"}],"n":5}
< HTTP/1.1 200 OK
< mcp-session-id: {{session}}
<
< {"list":[{"cursor":"{{cursor}}"}],"n":"{{n}}"}

> POST /echo HTTP/1.1
> Mcp-Session-Id: {{session}}
>
> {"cursor":"{{cursor}}","n":{{n}},"a":"{{repeat xy 3}}"}
< HTTP/1.1 200 OK
<
< {"headers":["Host","{{any}}","Mcp-Session-Id","s-1","{{rest}}"],"body":"{\\"cursor\\":\\"c\\\\\\"1\\",\\"n\\":5,\\"a\\":\\"xyxyxy\\"}"}
`));

test('reports every difference of a block with file, line, expected and received', async () => {
  const { failure } = await run(`> GET /left HTTP/1.1
< HTTP/1.1 404 Not Found
< x-a: b
<
< {"left":"none"}
`);
  const lines = (failure ?? '').split('\n');
  assert.equal(lines.slice(0, 10), [
    'a title',
    'a.wire:4 status',
    '    expected  HTTP/1.1 404 Not Found',
    '    received  HTTP/1.1 200 OK',
    'a.wire:5 header x-a',
    '    expected  b',
    '    received  (nothing)',
    'a.wire:7 body at /left',
    '    expected  "none"',
    `    received  ${left}`,
  ]);
  assert.match(failure ?? '', /received last:\n {4}HTTP\/1\.1 200 OK/);
});

test('requires an empty body if the transcript has none', async () => {
  await passes('> POST /empty HTTP/1.1\n< HTTP/1.1 202 Accepted\n');
  await fails('> GET /left HTTP/1.1\n< HTTP/1.1 200 OK\n', /a\.wire:4 body\n {4}expected {2}\(nothing\)/);
});

test('compares a whole event stream, ignoring comments unless expected', async () => {
  const head = '> GET /stream HTTP/1.1\n< HTTP/1.1 200 OK\n< content-type: text/event-stream\n<\n';
  const one = '< event: message\n< data: {"n":1}\n<\n';
  await passes(`${head}${one}< data: {"n":2}\n`);
  await passes(`${head}< : hello\n<\n${one}< : {{any}}\n<\n< data: {"n":2}\n`);
  await fails(`${head}${one}`, /a\.wire:4 a further event\n.*\n {4}received {2}\{"data":"\{\\"n\\":2\}"\}/);
  await fails(`${head}< data: {"n":1}\n<\n< data: {"n":2}\n`, /a\.wire:7 event 1 at \/event/);
  await fails(
    `${head}${one}< data: {"n":3}\n`,
    /a\.wire:10 event 2 at \/data\/n\n {4}expected {2}3\n {4}received {2}2/,
  );
  await fails(
    `${head}${one}< data: {"n":2}\n<\n< data: 3\n`,
    /event 3 at \/data\n.*\n {4}received {2}\(nothing\)/,
  );
  await fails('> GET /left HTTP/1.1\n< HTTP/1.1 200 OK\n<\n< data: 1\n', /expected {2}an event stream/);
});

test('keeps a named exchange open while another runs, and continues reading it', () =>
  passes(`> @open
> GET /open HTTP/1.1
< @open
< HTTP/1.1 200 OK
<
< event: message
< data: {"n":1}

> POST /finish HTTP/1.1
< HTTP/1.1 200 OK

< @open
< data: {"n":2}
< @open ends
`));

test('finds an event that came before an end', () =>
  fails(
    '> @a\n> GET /stream HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n< content-type: text/event-stream\n< @a ends\n',
    /a further event/,
  ));

test('closes a named exchange, so that the server sees its client leave', async () => {
  const before = left;
  await passes(
    '> @a\n> GET /open HTTP/1.1\n< @a\n< HTTP/1.1 200 OK\n< content-type: text/event-stream\n> @a closes\n',
  );
  await until(() => left > before);
  assert.is(left, before + 1);
});

test('says what did not come in time, or that the other side ended', async () => {
  await fails(
    '> GET /hang HTTP/1.1\n< HTTP/1.1 200 OK\n',
    /a\.wire:4 a whole response did not come within 100 ms/,
    100,
  );
  await fails('> GET /open HTTP/1.1\n< HTTP/1.1 200 OK\n', /did not come within 100 ms/, 100);
  await fails(
    '> GET /cut HTTP/1.1\n< HTTP/1.1 200 OK\n',
    /a\.wire:4 the other side ended.* before a whole response/,
  );
  await passes('> @a\n> GET /cut HTTP/1.1\n< @a ends\n');
  await fails(
    '> GET /{{who}} HTTP/1.1\n< HTTP/1.1 200 OK\n',
    /a\.wire:3 nothing was captured as \{\{who\}\}/,
  );
});

test('says which server is not running', async () => {
  await fails(
    '> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n',
    /the sessions server is not running/,
    100,
    `${HEAD}# server: sessions\n`,
  );
});

test('plays stdio line by line', async () => {
  const heading = `${HEAD}# transport: stdio\n`;
  await passes(
    '> quiet\n> plain\n< {"n":1,"line":"{{line}}"}\n> {{line}}\n< {"n":2,"line":"{{line}}"}\n> @stdin closes\n< @stdout ends\n',
    heading,
  );
  await fails('> a\n< {"n":2,"line":"a"}\n', /a\.wire:5 body at \/n/, 2000, heading);
  await fails('> a\n> @stdin closes\n< @stdout ends\n', /a\.wire:6 a further line/, 2000, heading);
  await fails('> quiet\n< {{any}}\n', /a\.wire:5 a line did not come within 500 ms/, 500, heading);
});

test('a played transcript shows what each message answers and which revision its reader speaks', async () => {
  const { failure, traffic } = await run(`> POST /rpc HTTP/1.1
>
> {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05"}}
< HTTP/1.1 200 OK
<
< {"{{rest}}":"{{any}}"}

> POST /rpc HTTP/1.1
>
> {"jsonrpc":"2.0","id":1,"method":"ping"}
< HTTP/1.1 200 OK
<
< {{any}}

> POST /rpc HTTP/1.1
> MCP-Protocol-Version: 2025-11-25
>
> {"jsonrpc":"2.0","id":2,"method":"ping"}
< HTTP/1.1 200 OK
<
< {{any}}

> POST /rpc HTTP/1.1
>
> {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}
< HTTP/1.1 200 OK
<
< {{any}}

> GET /left HTTP/1.1
< HTTP/1.1 200 OK
<
< {{any}}
`);
  assert.is(failure, undefined);
  assert.equal(
    emittedIn(traffic, 'http').map(({ revision, method }) => [revision, method]),
    [
      ['2025-06-18', 'initialize'],
      ['2025-06-18', 'ping'],
      ['2025-11-25', undefined],
      ['2026-07-28', 'tools/list'],
    ],
  );
});

test('an answer after many events and chunks costs as much as their bytes', async () => {
  const output = new PassThrough();
  const peer = new Peer(new PassThrough(), output);
  const answer = peer.until('the answer', 60_000, () => {
    const response = readHttp(peer.received, false, 'POST');
    return response === undefined ? undefined : answerOf(response) || undefined;
  });
  const before = process.cpuUsage();
  output.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
  for (let count = 0; count < 10_000; count += 1) {
    output.write(`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":${count}}}\n\n`);
    if (count % 10 === 0) await turn();
  }
  output.write('data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  assert.is(await answer, '{"jsonrpc":"2.0","id":1,"result":{}}');
  const { user, system } = process.cpuUsage(before);
  // 0.3 s; when all of it was read again for each chunk, 12 s.
  assert.ok(user + system < 4_000_000, `${user + system} µs`);
});

test.run();
