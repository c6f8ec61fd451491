/** Bytes of a connection are read as a traced exchange, and masked. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exchangeFromBytes } from '../../src/lesson/trace/from-bytes.js';
import { NO_MASK } from '../../src/lesson/trace/mask.js';

const test = suite('trace/from-bytes');
const about = { number: 1, server: 'readonly', time: '2026-11-29T00:00:00.000Z' };
const bytes = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

test('the head keeps its names and order, and the token is cut', () => {
  const secret = 'a-secret-of-the-client-0123456789';
  const traced = exchangeFromBytes(
    bytes(
      'POST /mcp?code=abc HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${secret}`,
      'no colon',
      '',
      '{"id":1}',
    ),
    undefined,
    about,
  );
  assert.is(traced.line, 'POST /mcp?code=[hidden] HTTP/1.1');
  assert.equal(
    traced.headers.map(({ name }) => name),
    ['Host', 'Authorization', 'no colon'],
  );
  assert.not.match(JSON.stringify(traced), secret);
  assert.is(traced.body.text, '{"id":1}');
  assert.is(traced.state, 'open');
  assert.is(traced.answer, undefined);
});

test('the answer is read without its chunks, after an interim response', () => {
  const received = bytes(
    ...['HTTP/1.1 100 Continue', '', 'HTTP/1.1 200 OK', 'content-type: text/event-stream'],
    ...['Transfer-Encoding: chunked', '', '9', 'data: {}\n', '1', '\n', '0', '', ''],
  );
  const { answer } = exchangeFromBytes(bytes('POST /mcp HTTP/1.1', '', '{}'), received, about);
  assert.is(answer?.status, 200);
  assert.is(answer?.stream, true);
  assert.equal(answer?.headers[1], { name: 'Transfer-Encoding', value: 'chunked' });
  assert.is(answer?.body.text, 'data: {}\n\n');
});

test('an answer that is no HTTP is shown as it came', () => {
  const { answer } = exchangeFromBytes(bytes('BREAK', '', ''), Buffer.from('what?'), about);
  assert.is(answer?.line, 'what?');
  assert.is(answer?.status, 0);
});

test('text without secrets stays as it is', () => {
  const sent = bytes('POST /mcp HTTP/1.1', 'authorization: Bearer {{token}}', '', '{"password":"{{any}}"}');
  const traced = exchangeFromBytes(sent, undefined, { ...about, mask: NO_MASK });
  assert.is(traced.headers[0]?.value, 'Bearer {{token}}');
  assert.is(traced.body.text, '{"password":"{{any}}"}');
});

test.run();
