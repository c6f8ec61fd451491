/** The raw and the hexadecimal view: line ends, chunks and events as they were on the wire, masked and bounded. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { hexView, rawView } from '../../src/lesson/trace/pages/raw-view.js';
import { bytesOf, type RawPart, rawAnswer, rawRequest } from '../../src/lesson/trace/raw.js';
import { call, closeGuarded } from '../endpoint/guarded.js';
import { dial, legacy, requestText } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { type Watched, watched } from './watched.js';

const test = suite('trace/raw');
test.after(closeGuarded);

const wireOf = (parts: readonly RawPart[]): string => bytesOf(parts).toString();
const said = (parts: readonly RawPart[]): string[] =>
  parts.flatMap(({ kind, text }) => (kind === 'remark' ? [text] : []));

/** Sends a request as it stands, and gives the bytes that came back. */
async function exchange(door: Watched, body: string, more: { [name: string]: string } = {}): Promise<string> {
  const headers = { authorization: `Bearer ${door.token()}`, connection: 'close', ...more };
  const came = await dial(door.port).send(requestText({ body, headers })).toEnd();
  return Buffer.from(came, 'latin1').toString();
}

const slow = toolOf('slow', {
  handler: async (_args, context) => {
    context.progress(1, 2, 'half of it, é');
    return { content: [{ type: 'text', text: 'done' }] };
  },
});

test('an answer without secrets is the same as on the wire, to the byte', async () => {
  const door = await watched();
  const came = await exchange(door, legacy('ping'));
  const traced = await door.over(1);
  assert.is(wireOf(rawAnswer(traced)), came);
  assert.match(wireOf(rawRequest(traced)), /^POST \/mcp HTTP\/1\.1\r\n/);
  assert.ok(wireOf(rawRequest(traced)).endsWith(`\r\n\r\n${legacy('ping')}`));
});

test('a stream has its chunk sizes and the framing of its events, to the byte', async () => {
  const door = await watched({ tools: [slow] });
  const body = legacy('tools/call', { name: 'slow', _meta: { progressToken: 1 } });
  const came = await exchange(door, body, { accept: 'text/event-stream' });
  const traced = await door.over(1);
  assert.is(wireOf(rawAnswer(traced)), came);
  assert.match(came, /\r\n\r\n[\da-f]+\r\n.*data: .*é.*\n\n\r\n/s);
  assert.ok(came.endsWith('\r\n0\r\n\r\n'));
  const [, first = ''] = /\r\n\r\n([\da-f]+)\r\n/.exec(came) ?? [];
  assert.ok(said(rawAnswer(traced)).includes(`a chunk of ${Number.parseInt(first, 16)} bytes`));
});

test('a request in chunks shows their sizes', async () => {
  const door = await watched();
  const body = legacy('ping');
  const half = body.length >> 1;
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const chunks = `${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n`;
  const head = ['POST /mcp HTTP/1.1', `host: localhost:${door.port}`, 'content-type: application/json'];
  const more = [`authorization: Bearer ${door.token()}`, 'transfer-encoding: chunked', 'connection: close'];
  await dial(door.port)
    .send(`${[...head, ...more].join('\r\n')}\r\n\r\n${chunks}`)
    .toEnd();
  const sent = wireOf(rawRequest(await door.over(1)));
  assert.ok(sent.endsWith(`\r\n\r\n${chunks}`), sent);
});

test('where a part is masked, the raw view is masked too, and says so instead of guessing borders', () => {
  const body = {
    text: '{"password":"[hidden]"}',
    bytes: 40,
    cut: false,
    parts: [{ bytes: 30 }, { bytes: 10 }],
  };
  const traced = withBody(body, [{ name: 'transfer-encoding', value: 'chunked' }]);
  assert.match(wireOf(rawRequest(traced)), /\r\n\r\n\{"password":"\[hidden\]"\}$/);
  assert.equal(said(rawRequest(traced)), [
    'in chunks of 1e, a bytes (hexadecimal); a part is masked or cut, so their borders are not known',
  ]);
});

test('a chunk that ends within a character is not shown as two halves of it', () => {
  const body = { text: 'é', bytes: 2, cut: false, parts: [{ bytes: 1 }, { bytes: 1 }] };
  const traced = withBody(body, [{ name: 'transfer-encoding', value: 'chunked' }]);
  assert.ok(wireOf(rawRequest(traced)).endsWith('\r\n\r\né'));
});

test('a token is masked in all views', async () => {
  const door = await watched();
  await door.post(door.token(), call('t'));
  const traced = await door.over(1);
  for (const page of [rawView(traced), hexView(traced)]) {
    assert.not.ok(page.text.includes(door.token()));
    assert.not.ok(page.text.includes(door.token().slice(20)));
  }
});

test('what is long is cut, and the views say by how much', () => {
  const text = 'x\n'.repeat(32 * 1024);
  const traced = withBody({ text, bytes: 100_000, cut: true });
  const raw = rawRequest(traced);
  assert.is(raw.filter(({ kind }) => kind === 'break').length, 2_000);
  assert.equal(said(raw), ['… more than 2000 lines']);
  const one = withBody({ text: 'x'.repeat(64 * 1024), bytes: 100_000, cut: true });
  assert.equal(said(rawRequest(one)), ['… cut here, 100000 bytes in all']);
  const hex = hexView(one).text;
  assert.match(hex, /… 57\d{3} more bytes are stored/);
  assert.match(hex, '… cut here, 100000 bytes in all');
  assert.ok(hex.length < 200_000, `${hex.length} characters`);
});

test('a line of the hexadecimal view has the offset, sixteen bytes, and their text', () => {
  const page = hexView(withBody({ text: 'é<b>', bytes: 5, cut: false })).text;
  assert.match(
    page,
    '0000</i>  50 4f 53 54 20 2f 6d 63  70 20 48 54 54 50 2f 31  <span>POST /mcp HTTP/1</span>',
  );
  assert.match(page, '0010</i>  2e 31 0d 0a 0d 0a c3 a9  3c 62 3e ');
  assert.match(page, '<span>.1......&lt;b&gt;</span>');
});

function withBody(body: TracedExchange['body'], headers: TracedExchange['headers'] = []): TracedExchange {
  return {
    ...{
      number: 1,
      time: '',
      server: 'readonly',
      client: '',
      line: 'POST /mcp HTTP/1.1',
      verb: 'POST',
      path: '/mcp',
    },
    ...{ token: undefined, stages: [], verdicts: [], state: 'done', answer: undefined },
    ...{ headers, body },
  };
}

test.run();
