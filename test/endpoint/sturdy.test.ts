import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  closeAll,
  dial,
  held,
  legacy,
  modernCall,
  pause,
  raw,
  requestText,
  stand,
  statusOf,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('endpoint/sturdy');
test.after(closeAll);

const hello = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
});

async function opened(url: string): Promise<{ [name: string]: string }> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const response = await fetch(url, { method: 'POST', headers, body: hello });
  await response.text();
  return { ...headers, 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' };
}

test('an answer of many megabytes arrives on the stream of a session too', async () => {
  const big = 'x'.repeat(6 * 1024 * 1024);
  const tool = toolOf('big', {
    handler: async (_args, { progress }) => {
      progress(1);
      return { content: [{ type: 'text', text: big }] };
    },
  });
  const { url } = await stand({ tools: [tool], sessions: { most: 3, idleMs: 10_000 } });
  const headers = await opened(url);
  const body = legacy('tools/call', { name: 'big', _meta: { progressToken: 1 } }, 2);
  const text = await (await fetch(url, { method: 'POST', headers, body })).text();
  assert.ok(text.includes(big));
});
test('nonsense behind several requests never lands within one of their answers', async () => {
  const [first, second] = [held('first'), held('second')];
  const { port } = await stand({ tools: [first.tool, second.tool] });
  const stream = { accept: 'text/event-stream' };
  const one = modernCall('first');
  const wire = dial(port).send(requestText({ ...one, headers: { ...one.headers, ...stream } }));
  await first.started;
  await wire.until((text) => text.includes('text/event-stream'));
  wire.send(requestText(modernCall('second')));
  await second.started;
  wire.send('GARBAGE\r\n\r\n');
  assert.not.match(await wire.toEnd(), 'Bad request');
});
test('a call that was sent with Expect: 100-continue may finish while the server stops', async () => {
  const { tool, started, letGo } = held();
  const { port, close } = await stand({ tools: [tool], bounds: { drainMs: 5_000 } });
  const headers = { expect: '100-continue', connection: 'close' };
  const answer = raw(port, requestText({ body: legacy('tools/call', { name: 'held' }), headers }));
  await started;
  const closed = close();
  await pause(50);
  letGo();
  assert.match(await answer, 'let go');
  await closed;
});
test('a session is not idle while one of its calls runs', async () => {
  const { tool, started, letGo } = held();
  const { url } = await stand({ tools: [tool], sessions: { most: 3, idleMs: 80 } });
  const headers = await opened(url);
  const call = fetch(url, { method: 'POST', headers, body: legacy('tools/call', { name: 'held' }, 2) });
  await started;
  await pause(300);
  letGo();
  assert.is((await call).status, 200);
  assert.is((await fetch(url, { method: 'POST', headers, body: legacy('ping', {}, 3) })).status, 200);
  await pause(300);
  assert.is((await fetch(url, { method: 'POST', headers, body: legacy('ping', {}, 4) })).status, 404);
});
test('only as many clients listen as the bound says, whatever else runs; the next is told when to come back', async () => {
  const { tool, started, letGo } = held();
  const { port, url } = await stand({ tools: [tool], bounds: { openStreams: 1 } });
  const running = raw(
    port,
    requestText({ ...modernCall('held'), headers: { ...modernCall('held').headers, connection: 'close' } }),
  );
  await started;
  const { _meta } = JSON.parse(modernCall('held').body).params;
  const listen = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: legacy('subscriptions/listen', { notifications: { toolsListChanged: true }, _meta }),
  };
  const first = await fetch(url, listen);
  assert.is(first.status, 200);
  const second = await fetch(url, listen);
  assert.equal([second.status, second.headers.get('retry-after')], [503, '10']);
  await first.body?.cancel();
  letGo();
  assert.is(statusOf(await running), 200);
});
test('closing tells the work of tasks to stop, and waits for it', async () => {
  let stopped = '';
  const tool = toolOf('bake', {
    handler: (_args, { task }) =>
      task(
        ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              stopped = String(signal.reason);
              setTimeout(() => reject(signal.reason), 30);
            });
          }),
      ),
  });
  const { url, close } = await stand({ tools: [tool], tasks: true });
  const extensions = { 'io.modelcontextprotocol/tasks': {} };
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { extensions } };
  const { headers, body } = modernCall('bake', meta);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  assert.match(await answer.text(), '"resultType":"task"');
  await close();
  assert.match(stopped, 'the server stopped');
});

test.run();
