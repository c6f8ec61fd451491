/** What the tap records of the traffic: exchanges without secrets, violations, files; and that recording cannot break the traffic. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Deferred } from '../../src/cli/tap/deferred.js';
import { Frames } from '../../src/cli/tap/readable.js';
import { createTrace } from '../../src/lesson/trace/trace.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { raw } from '../http/wire.js';
import { until } from '../support/until.js';
import { openTap, type Tap, type TapOptions } from './opened.js';
import { answer, rawServer } from './upstream.js';

const test = suite('tap/observation');

const MODERN = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

/** One request through a tap to a server that answers it with this text. */
async function passed(
  response: string | Buffer | readonly (string | Buffer)[],
  use: (made: { tap: Tap; came: string }) => Promise<void>,
  {
    params = {},
    headers = [],
    ...options
  }: TapOptions & { params?: object; headers?: readonly string[] } = {},
): Promise<void> {
  const parts = typeof response === 'string' || Buffer.isBuffer(response) ? [response] : response;
  const server = await rawServer((socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  });
  const tap = await openTap(server.url, options);
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    params: { ...params, _meta: META },
  });
  const head = [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `MCP-Protocol-Version: ${MODERN}`,
    'Mcp-Method: tools/list',
    'Connection: close',
    ...headers,
    `Content-Length: ${body.length}`,
  ];
  try {
    const came = await raw(Number(tap.url.port), `${head.join('\r\n')}\r\n\r\n${body}`);
    await use({ tap, came });
  } finally {
    await tap.close();
    await server.close();
  }
}

const JSON_TYPE = ['Content-Type: application/json'];
const SERVER = { 'io.modelcontextprotocol/serverInfo': { name: 'test', version: '1' } };
const RESULT = { resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private', _meta: SERVER };
const GOOD = JSON.stringify({ jsonrpc: '2.0', id: 1, result: RESULT });

test('correct traffic has no violations, and the page has the exchange', async () => {
  await passed(answer(GOOD, JSON_TYPE), async ({ tap, came }) => {
    assert.ok(came.endsWith(GOOD));
    const { findings, answer: shown, state } = await tap.over(1);
    assert.equal([findings, shown?.body.text, state], [[], GOOD, 'done']);
    const page = await (await fetch(`${tap.observation.page}/1`)).text();
    assert.match(page, 'None was found.');
    assert.match(page, 'tools/list');
  });
});

test('violations of both sides appear in the terminal and on the page, with clause and link', async () => {
  const wrong = JSON.stringify({ jsonrpc: '2.0', id: 2, result: { ...RESULT, tools: 'none' } });
  const headers = ['Mcp-Name: nobody-asked'];
  await passed(
    answer(wrong, JSON_TYPE),
    async ({ tap, came }) => {
      assert.ok(came.endsWith(wrong), 'it passes all the same');
      const { findings = [] } = await tap.over(1);
      assert.ok(findings.some(({ side }) => side === 'server'));
      const page = await (await fetch(`${tap.observation.page}/1`)).text();
      for (const { clause } of findings) {
        assert.match(tap.written(), `(${clause})`);
        assert.match(page, clause);
      }
      assert.match(tap.written(), /^! +https:\/\/modelcontextprotocol\.io\/specification\/2026-07-28/m);
      assert.match(page, '<a href="https://modelcontextprotocol.io/specification/2026-07-28');
    },
    { headers },
  );
});

test('secrets pass, and are stored, printed and saved nowhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-tap-'));
  const secret = 'k3y-that-nobody-may-see-0123456789';
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { ...RESULT, api_key: secret } });
  await passed(
    answer(body, [...JSON_TYPE, `Set-Cookie: sid=${secret}`]),
    async ({ tap, came }) => {
      assert.ok(came.includes(`sid=${secret}`) && came.endsWith(body));
      await tap.over(1);
      await tap.observation.close();
      const [name = ''] = await readdir(folder);
      assert.is(name, '0001-tools-list.wire');
      const saved = await readFile(join(folder, name), 'utf8');
      assert.not.match(JSON.stringify(tap.observation.store.all) + tap.written() + saved, secret);
      assert.is(readTranscript(saved).kind, 'transcript');
      assert.is((await stat(join(folder, name))).mode & 0o077, 0);
    },
    {
      headers: [`Authorization: Bearer ${secret}`, `X-Api-Key: ${secret}`],
      params: { password: secret },
      save: folder,
    },
  );
  await rm(folder, { recursive: true });
});

test('a compressed answer passes as it is, and is read', async () => {
  const zipped = gzipSync(GOOD);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`;
  await passed([head, zipped], async ({ tap, came }) => {
    assert.ok(came.endsWith(zipped.toString('latin1')));
    assert.is((await tap.over(1)).answer?.body.text, GOOD);
  });
  const unknown = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: zstd\r\nContent-Length: 4\r\n\r\nabcd`;
  await passed(unknown, async ({ tap, came }) => {
    assert.ok(came.endsWith('abcd'));
    assert.match((await tap.over(1)).answer?.body.text ?? '', 'the tap cannot read');
  });
});

test('a frame is read as a whole, however its bytes were cut', async () => {
  const secret = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { ...RESULT, token: secret } });
  const frames = `: hello\n\nevent: message\r\ndata:${message}\r\n\r\n`;
  const at = frames.indexOf(secret) + 20;
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n';
  await passed([head, frames.slice(0, at), frames.slice(at)], async ({ tap, came }) => {
    assert.match(came, secret);
    const { answer: shown } = await tap.over(1);
    assert.match(shown?.body.text ?? '', '"token":"[');
    assert.not.match(JSON.stringify(shown) + tap.written(), secret.slice(0, 20));
  });
});

test('frames end at an empty line of any kind, and one that is too long is not kept', () => {
  const seen: string[] = [];
  const frames = new Frames((text) => seen.push(text));
  for (const text of ['data: 1\r', '\n\r', '\ndata: 2\n', '\ndata: 3\r\r', 'data: \u00e4\n\n'])
    for (const byte of Buffer.from(text)) frames.add(Buffer.of(byte));
  frames.add(Buffer.from(`data: ${'x'.repeat(2_000_000)}`));
  frames.add(Buffer.from('\n\ndata: rest'));
  frames.end();
  assert.equal(seen.slice(0, 4), ['data: 1\r\n\r\n', 'data: 2\n\n', 'data: 3\r\r', 'data: \u00e4\n\n']);
  assert.match(seen[4] ?? '', /^: an event of more than 1048576 characters/);
  assert.equal(seen.slice(5), ['data: rest']);
});

test('what takes too long to watch is given up at the end', () => {
  const deferred = new Deferred(process.hrtime.bigint, () => undefined);
  let done = 0;
  const work = (): void => {
    done += 1;
  };
  for (let count = 0; count < 10; count += 1) deferred.run(work);
  assert.is(deferred.flush(0), 9);
  assert.is(deferred.flush(), 0);
  assert.is(done, 1);
});

test('traffic that is too fast to be watched is left out, with one note', async () => {
  const errors: unknown[] = [];
  const deferred = new Deferred(process.hrtime.bigint, (error) => errors.push(error));
  let done = 0;
  const work = (): void => {
    done += 1;
  };
  for (let count = 0; count < 20_001; count += 1) deferred.run(work);
  await until(() => errors.length > 0);
  deferred.run(work);
  await until(() => done === 1);
  assert.match(String(errors), 'it comes too fast');
});

test('an error in an observer does not reach the traffic, and is logged a few times', async () => {
  const fail = (): never => {
    throw new Error('the observer is broken');
  };
  const broken: typeof createTrace = (options) => ({ ...createTrace(options), observe: () => fail });
  await passed(
    answer(GOOD, JSON_TYPE),
    async ({ tap, came }) => {
      assert.ok(came.endsWith(GOOD));
      await until(() => tap.notes.length > 0);
      for (let count = 0; count < 20; count += 1)
        await raw(Number(tap.url.port), 'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      tap.observation.queue.flush();
      assert.is(tap.notes.length, 5);
      assert.match(tap.notes[0] ?? '', 'which passes nevertheless: Error: the observer is broken');
      assert.match(tap.notes[4] ?? '', 'further errors are not shown');
    },
    { createTrace: broken },
  );
});

test('nor does an error in a single step of it', async () => {
  const broken: typeof createTrace = (options) =>
    createTrace({
      ...options,
      examine: (server, exchange) => {
        const examination = options.examine?.(server, exchange);
        if (examination === undefined) throw new Error('nothing is examined');
        const observer = Object.fromEntries(
          Object.keys(examination.observer).map((name) => [
            name,
            () => {
              throw new Error(`${name} is broken`);
            },
          ]),
        );
        return { ...examination, observer: { ...examination.observer, ...observer } };
      },
    });
  await passed(
    answer(GOOD, JSON_TYPE),
    async ({ tap, came }) => {
      assert.ok(came.endsWith(GOOD));
      const { answer: shown } = await tap.over(1);
      assert.is(shown?.body.text, GOOD, 'the recorder goes on');
      assert.match(tap.notes.join(), 'headed is broken');
    },
    { createTrace: broken },
  );
});

test.run();
