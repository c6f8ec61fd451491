/** How the official clients and a server of both eras come to agree on a revision. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type Endpoint } from '../../src/index.js';
import { refusal } from './expectations.js';
import { v1, v2 } from './sessions.js';
import { TOOLS } from './tools.js';
import { recordingFetch, Traffic } from './traffic.js';

const test = suite('interop/negotiation');

let endpoint: Endpoint;
let url: URL;
test.before(async () => {
  endpoint = createEndpoint({ name: 'interop-server', version: '1.0.0', tools: TOOLS });
  url = new URL(await endpoint.listen(0));
});
test.after(() => endpoint.close());

test('the automatic mode never asks to initialize, the legacy one never to discover', async () => {
  for (const [mode, methods] of [
    ['auto', ['server/discover']],
    ['legacy', ['initialize', 'notifications/initialized']],
  ] as const) {
    const { traffic, close } = await v2(mode)(url);
    assert.equal(
      traffic.sent.map(({ method }) => method),
      methods,
    );
    await close();
  }
});

for (const proposal of ['2024-10-07', '2026-07-28', '2099-01-01']) {
  test(`a client that proposes ${proposal} in its handshake is offered the newest legacy revision`, async () => {
    const { revision, call, close } = await v1(proposal)(url);
    assert.is(revision(), '2025-11-25');
    assert.equal((await call('text.echo', { text: 'a' })).structuredContent, { text: 'a' });
    await close();
  });
}

test('a client that prefers a later revision is told which there are, and takes one', async () => {
  const { revision, call, traffic, close } = await v2('auto', ['2099-01-01', '2026-07-28'])(url);
  assert.is(revision(), '2026-07-28');
  assert.equal(
    traffic.posted.map(({ headers }) => headers.get('mcp-protocol-version')),
    ['2099-01-01', '2026-07-28'],
  );
  assert.equal((await call('value.list', {})).structuredContent, [1, 2, 3]);
  await close();
});

test('a client that speaks nothing but a later revision is refused with the list of those served', async () => {
  const { code, message } = await refusal(v2({ pin: '2099-01-01' })(url));
  assert.is(code, -32022);
  assert.match(message, /choose one of 2026-07-28, 2025-11-25/);
});

test('what one client discovered serves another without asking again', async () => {
  const first = new Client({ name: 'first', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await first.connect(new StreamableHTTPClientTransport(url));
  const discover = first.getDiscoverResult();
  await first.close();
  assert.ok(discover);

  const traffic = new Traffic();
  const second = new Client({ name: 'second', version: '1' });
  const transport = new StreamableHTTPClientTransport(url, { fetch: recordingFetch(traffic) });
  await second.connect(transport, { prior: { kind: 'modern', discover } });
  const { structuredContent } = await second.callTool({ name: 'value.list', arguments: {} });
  await second.close();
  assert.equal(structuredContent, [1, 2, 3]);
  assert.equal(
    traffic.sent.map(({ method }) => method).filter((method) => method !== 'tools/list'),
    ['tools/call'],
  );
});

test('a list is kept for as long as the server allows, and a legacy one never', async () => {
  for (const [mode, asked] of [
    ['auto', 1],
    ['legacy', 2],
  ] as const) {
    const { tools, traffic, close } = await v2(mode)(url);
    assert.equal(await tools(), await tools());
    assert.is(traffic.sent.filter(({ method }) => method === 'tools/list').length, asked, mode);
    await close();
  }
});

test.run();
