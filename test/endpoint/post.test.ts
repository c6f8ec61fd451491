import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  closeAll,
  dial,
  hasRead,
  headerOf,
  held,
  legacy,
  modernCall,
  raw,
  requestText,
  type Sent,
  stand,
  statusOf,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { turn, until } from '../support/until.js';

const test = suite('endpoint/post');
const ONCE = { connection: 'close', 'mcp-protocol-version': '2025-11-25' };
test.after(closeAll);

const ask = (port: number, { headers, ...sent }: Sent): Promise<string> =>
  raw(port, requestText({ ...sent, headers: { connection: 'close', ...headers } }));
type Body = { id?: unknown; error?: { code: number; message: string } };
const bodyOf = (text: string): Body & Body[] => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
const notification = (method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params });

/** One character more than a progress token may have. */
const LONG = 'x'.repeat(1_025);

test('a notification is answered with 202 and no body, known or not', async () => {
  const { port } = await stand();
  for (const [headers, body] of [
    [{}, notification('notifications/initialized')],
    [{ 'mcp-protocol-version': '2025-11-25' }, notification('notifications/anything', {})],
    [{ 'mcp-protocol-version': '2026-07-28' }, notification('notifications/cancelled', { requestId: 1 })],
    [{}, notification('notifications/cancelled', { requestId: {} })],
    [{}, notification('notifications/cancelled')],
  ] as const) {
    const text = await ask(port, { headers, body });
    assert.equal(
      [statusOf(text), headerOf(text, 'content-length'), text.split('\r\n\r\n')[1]],
      [202, '0', ''],
    );
  }
});
test('a notification that cannot be taken is refused without an id', async () => {
  const { port } = await stand();
  for (const [headers, code] of [
    [{ 'mcp-protocol-version': '1999-01-01' }, -32022],
    [{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }, -32020],
  ] as const) {
    const text = await ask(port, { headers, body: notification('notifications/cancelled') });
    assert.equal([statusOf(text), bodyOf(text).error?.code, 'id' in bodyOf(text)], [400, code, false]);
  }
});
test('a response that nobody asked for is refused', async () => {
  const { port } = await stand();
  const text = await ask(port, { body: '{"jsonrpc":"2.0","id":1,"result":{}}' });
  assert.equal([statusOf(text), bodyOf(text).error?.code], [400, -32600]);
});
test('an id comes back as it was sent', async () => {
  const { port } = await stand();
  for (const id of [0, '', -5, 'é😀', '1', 9007199254740991]) {
    const text = await ask(port, { body: legacy('ping', {}, id) });
    assert.is(JSON.parse(Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1').toString()).id, id);
  }
});
test('the status of a refusal follows the era of the request', async () => {
  const { port } = await stand();
  const { headers, body } = modernCall('t');
  const table: [sent: Sent, status: number, code: number][] = [
    [{ body: legacy('nope') }, 200, -32601],
    [
      {
        headers: { ...headers, 'mcp-method': 'nope', 'mcp-name': '' },
        body: body.replace('tools/call', 'nope'),
      },
      404,
      -32601,
    ],
    [{ headers: { ...headers, 'mcp-name': 'T' }, body }, 400, -32020],
    [{ headers: { ...headers, 'mcp-method': '' }, body }, 400, -32020],
    [{ headers: { ...headers, 'mcp-protocol-version': '' }, body }, 400, -32020],
    [{ headers: { ...headers, 'mcp-name': 'u' }, body: body.replace('"t"', '"u"') }, 200, -32602],
    [{ headers, body: body.replace('clientCapabilities":{}', 'clientCapabilities":[]') }, 400, -32602],
    [{ headers, body: body.replace('"_meta":{', '"_meta":{"progressToken":{},') }, 200, -32602],
    [{ headers, body: body.replace('"_meta":{', `"_meta":{"progressToken":"${LONG}",`) }, 200, -32602],
    [{ headers: { 'mcp-protocol-version': '2026-07-28' }, body: legacy('tools/list') }, 400, -32602],
    [{ headers: { 'mcp-protocol-version': '2025-13-32' }, body: legacy('tools/list') }, 400, -32022],
  ];
  for (const [sent, status, code] of table) {
    const text = await ask(port, sent);
    assert.equal(
      [statusOf(text), bodyOf(text).error?.code, bodyOf(text).id],
      [status, code, 1],
      JSON.stringify(sent),
    );
  }
  assert.is(statusOf(await ask(port, { headers, body })), 200);
});
test('a session id and a last event id are ignored, and none is issued', async () => {
  const { port } = await stand();
  const text = await ask(port, {
    headers: { 'mcp-session-id': 'x', 'last-event-id': '7' },
    body: legacy('ping'),
  });
  assert.equal([statusOf(text), headerOf(text, 'mcp-session-id')], [200, undefined]);
});
test('a batch is answered under 2025-03-26, requests in their order and notifications not at all', async () => {
  const { port } = await stand();
  const batch = `[${legacy('ping', {}, 'a')},${notification('notifications/x')},${legacy('nope', {}, 0)},7,${legacy('initialize', {}, 'i')},[]]`;
  for (const headers of [{}, { 'mcp-protocol-version': '2025-03-26' }]) {
    const text = await ask(port, { headers, body: batch });
    assert.is(statusOf(text), 200);
    const answers = bodyOf(text);
    assert.equal(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        ['a', undefined],
        [0, -32601],
        [undefined, -32600],
        ['i', -32600],
        [undefined, -32600],
      ],
    );
  }
  const streamed = await ask(port, { headers: { accept: 'text/event-stream' }, body: batch });
  assert.is(streamed.split('data: ').length, 6);
  assert.is(statusOf(await ask(port, { body: `[${notification('notifications/x')}]` })), 202);
});
test('a batch is refused under any other revision, empty, or too long', async () => {
  const { port } = await stand({ bounds: { batchMessages: 2 } });
  const one = legacy('ping');
  for (const version of ['2024-11-05', '2025-06-18', '2025-11-25', '2026-07-28', 'x'])
    assert.is(
      statusOf(await ask(port, { headers: { 'mcp-protocol-version': version }, body: `[${one}]` })),
      400,
      version,
    );
  assert.is(statusOf(await ask(port, { body: `[${one},${modernCall('t').body}]` })), 400);
  assert.is(statusOf(await ask(port, { body: '[]' })), 400);
  assert.is(statusOf(await ask(port, { body: `[${one},${one},${one}]` })), 400);
  assert.is(statusOf(await ask(port, { body: `[${one},${one}]` })), 200);
});
test('a full batch raises no warning of Node', async () => {
  const { port } = await stand();
  const warnings: string[] = [];
  const note = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', note);
  const text = await ask(port, {
    body: `[${Array.from({ length: 50 }, (_, id) => legacy('tools/call', { name: 't' }, id)).join()}]`,
  });
  await turn();
  process.off('warning', note);
  assert.equal([bodyOf(text).length, warnings], [50, []]);
});
test('a disconnect cancels a modern call', async () => {
  for (const accept of ['application/json', 'text/event-stream']) {
    const { tool, started } = held();
    const { port, errors } = await stand({ tools: [tool] });
    const { headers, body } = modernCall('held');
    const wire = dial(port).send(requestText({ headers: { ...headers, accept }, body }));
    const signal = await started;
    assert.not.ok(signal.aborted);
    wire.socket.destroy();
    await until(() => signal.aborted);
    assert.is((signal.reason as Error).message, 'the client closed the connection');
    assert.equal(errors, []);
  }
});
test('a disconnect does not cancel a legacy call', async () => {
  const { tool, started, letGo } = held();
  const { port, errors } = await stand({ tools: [tool] });
  const wire = dial(port).send(requestText({ body: legacy('tools/call', { name: 'held' }) }));
  const signal = await started;
  wire.socket.destroy();
  await hasRead(port);
  assert.not.ok(signal.aborted);
  letGo();
  await hasRead(port);
  assert.equal(errors, []);
});
test('a legacy call is cancelled by a notification on another connection', async () => {
  for (const [accept, type] of [
    ['application/json', 'application/json'],
    ['application/json, text/event-stream', 'text/event-stream'],
  ] as const) {
    const { tool, started } = held();
    const { port } = await stand({ tools: [tool] });
    const wire = dial(port).send(
      requestText({
        headers: { accept, connection: 'close' },
        body: legacy('tools/call', { name: 'held' }, 'c'),
      }),
    );
    const signal = await started;
    for (const other of ['d', 1, null]) {
      assert.is(
        statusOf(await ask(port, { body: notification('notifications/cancelled', { requestId: other }) })),
        202,
      );
      assert.not.ok(signal.aborted);
    }
    await ask(port, { body: notification('notifications/cancelled', { requestId: 'c', reason: 'enough' }) });
    assert.equal([signal.aborted, (signal.reason as Error).message], [true, 'enough']);
    const text = await wire.toEnd();
    assert.equal([statusOf(text), headerOf(text, 'content-type')], [200, type]);
    assert.is(text.includes('"id":"c"'), type === 'application/json');
  }
});
test('an id that two legacy calls share cancels neither, and a modern call is never cancelled that way', async () => {
  const first = held('first');
  const second = held('second');
  const modern = held('modern');
  const { port } = await stand({ tools: [first.tool, second.tool, modern.tool] });
  const wires = ['first', 'second'].map((name) =>
    dial(port).send(requestText({ body: legacy('tools/call', { name }, 7) })),
  );
  wires.push(dial(port).send(requestText(modernCall('modern', {}, 8))));
  const signals = await Promise.all([first.started, second.started, modern.started]);
  for (const requestId of [7, 8])
    await ask(port, { body: notification('notifications/cancelled', { requestId }) });
  assert.equal(
    signals.map(({ aborted }) => aborted),
    [false, false, false],
  );
  for (const each of [first, second, modern]) each.letGo();
  await Promise.all(wires.map((wire) => wire.until((text) => text.includes('let go'))));
  for (const { socket } of wires) socket.destroy();
});
test('a batch whose only call is cancelled ends, streamed or not', () =>
  inHeldTime(async (time) => {
    for (const accept of ['application/json', 'text/event-stream', 'application/json, text/event-stream']) {
      const { tool, started } = held();
      const { port, errors } = await stand({ tools: [tool], bounds: { keepAliveMs: 20 } });
      const wire = dial(port).send(
        requestText({
          headers: { accept, connection: 'close' },
          body: `[${legacy('tools/call', { name: 'held' }, 'b')}]`,
        }),
      );
      await started;
      await time.pass(60);
      await ask(port, { body: notification('notifications/cancelled', { requestId: 'b' }) });
      await wire.toEnd();
      assert.equal(errors, [], accept);
    }
  }));
test('a result that JSON cannot express is a failed result without its reason, and the server goes on', async () => {
  const handler = () => ({ content: [], structuredContent: { n: 1n } });
  const { port, errors } = await stand({ tools: [toolOf('t', { handler })] });
  const headers = { 'mcp-protocol-version': '2025-11-25' };
  const text = await ask(port, { headers, body: legacy('tools/call', { name: 't' }) });
  assert.match(text, /"isError":true/);
  assert.not.match(text, /bigint/i);
  assert.is(errors.length, 1);
  assert.is(statusOf(await ask(port, { body: legacy('ping') })), 200);
});
test('a client that leaves cancels all the modern calls in its pipeline', async () => {
  const [first, second] = [held('first'), held('second')];
  const { port } = await stand({ tools: [first.tool, second.tool] });
  const wire = dial(port).send(requestText(modernCall('first')) + requestText(modernCall('second')));
  const signals = await Promise.all([first.started, second.started]);
  wire.socket.destroy();
  await until(() => signals.every(({ aborted }) => aborted), 'both calls are cancelled');
});
test('a result that is not JSON is a failure of that request', async () => {
  const bad = toolOf('bad', { handler: () => ({ content: [], structuredContent: { n: 1n } }) });
  const { port, errors } = await stand({ tools: [bad] });
  const answer = await raw(
    port,
    requestText({ body: legacy('tools/call', { name: 'bad' }, 7), headers: ONCE }),
  );
  assert.is(statusOf(answer), 200);
  assert.match(answer, /"id":7,"result":\{"content":\[[^\]]*bad failed[^\]]*\],"isError":true/);
  assert.match(errors.map(String).join(), 'bad returned a bigint at /structuredContent/n');
});
test('an onError that throws does not lose the answer', async () => {
  const crash = toolOf('crash', {
    handler: () => {
      throw new Error('inside');
    },
  });
  const said = console.error;
  const heard: unknown[] = [];
  console.error = (...words) => heard.push(words);
  try {
    const broken = (): never => {
      throw new Error('the log is full');
    };
    const { port } = await stand({ tools: [crash], onError: broken });
    const answer = await raw(
      port,
      requestText({ body: legacy('tools/call', { name: 'crash' }, 8), headers: ONCE }),
    );
    assert.match(answer, /"id":8,"result":\{.*"isError":true/);
  } finally {
    console.error = said;
  }
  assert.is(heard.length, 1);
});

test.run();
