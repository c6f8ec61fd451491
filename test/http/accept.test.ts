import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readAccept } from '../../src/wire/http/head.js';
import { closeAll, headerOf, legacy, raw, requestText, stand, statusOf } from './wire.js';

const test = suite('http/accept');
test.after(closeAll);

const table: [header: string | undefined, json: boolean, sse: boolean][] = [
  [undefined, true, true],
  ['', true, true],
  ['  ', true, true],
  ['*/*', true, true],
  ['application/json, text/event-stream', true, true],
  ['application/json', true, false],
  ['text/event-stream', false, true],
  ['APPLICATION/JSON ; Q=1', true, false],
  ['application/*', true, false],
  ['text/*;q=0.1', false, true],
  ['text/html, application/xhtml+xml', false, false],
  ['*/*, text/event-stream;q=0', true, false],
  ['text/event-stream;q=0, */*', true, false],
  ['application/json;q=0, text/event-stream', false, true],
  ['application/json;q=0', false, false],
  ['application/json;q=0.0, */*;q=0', false, false],
  ['application/json;q=nonsense', false, false],
  ['application/json;charset=utf-8;q=0.5', true, false],
  ['application/jsonp', false, false],
  ['application', false, false],
  ['*/*;q=0.1, application/json;q=0, text/*;q=0', false, false],
  ['text/*;q=0, text/event-stream', false, true],
  [',', false, false],
  ['*/json', false, false],
];
for (const [header, json, sse] of table) {
  test(`Accept ${JSON.stringify(header)} reads ${json ? 'JSON' : 'no JSON'} and ${sse ? 'streams' : 'no streams'}`, () =>
    assert.equal(readAccept(header), { json, sse }));
}

test('each Accept gets an answer of a type it names, or 406 with what to send', async () => {
  const { port } = await stand();
  const ask = async (accept: string): Promise<string> =>
    raw(port, requestText({ headers: { accept, connection: 'close' }, body: legacy('ping') }));
  for (const accept of ['', '*/*', 'application/json', 'application/json, text/event-stream']) {
    const text = await ask(accept);
    assert.equal([statusOf(text), headerOf(text, 'content-type')], [200, 'application/json'], accept);
  }
  const streamed = await ask('text/event-stream');
  assert.equal([statusOf(streamed), headerOf(streamed, 'content-type')], [200, 'text/event-stream']);
  assert.match(streamed, 'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
  const refused = await ask('text/html');
  assert.equal([statusOf(refused), headerOf(refused, 'connection')], [406, 'close']);
  assert.match(refused, 'Accept is \\"text/html\\"; send \\"application/json, text/event-stream\\"');
});
test('a client that reads only streams still gets the HTTP status of a refusal', async () => {
  const { port } = await stand();
  const text = await raw(
    port,
    requestText({ headers: { accept: 'text/event-stream', connection: 'close' }, body: '{' }),
  );
  assert.equal([statusOf(text), headerOf(text, 'content-type')], [400, 'application/json']);
});

test.run();
