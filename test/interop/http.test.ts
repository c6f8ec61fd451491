/** The official clients over HTTP against one endpoint that serves both eras at once. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type Endpoint } from '../../src/index.js';
import { expectService, logOf, PAGE_SIZE, refusal, until } from './expectations.js';
import { type Open, v1, v2 } from './sessions.js';
import { TOOLS } from './tools.js';

const test = suite('interop/http');

let endpoint: Endpoint;
let url: URL;

test.before(async () => {
  endpoint = createEndpoint({
    name: 'interop-server',
    version: '1.0.0',
    tools: TOOLS,
    // A legacy call goes on after its client has left, until the server stops.
    bounds: { pageSize: PAGE_SIZE, drainMs: 100 },
    onError: () => {},
  });
  url = new URL(await endpoint.listen(0));
});
test.after(() => endpoint.close());

const CLIENTS: { name: string; revision: string; open: Open }[] = [
  { name: 'version 1', revision: '2025-11-25', open: v1() },
  { name: 'version 2, legacy', revision: '2025-11-25', open: v2('legacy') },
  { name: 'version 2, pinned', revision: '2026-07-28', open: v2({ pin: '2026-07-28' }) },
  { name: 'version 2, automatic', revision: '2026-07-28', open: v2('auto') },
  ...['2025-06-18', '2025-03-26', '2024-11-05'].flatMap((revision) => [
    { name: `version 1, ${revision}`, revision, open: v1(revision) },
    { name: `version 2, ${revision}`, revision, open: v2('legacy', [revision]) },
  ]),
];

for (const { open, ...client } of CLIENTS) {
  expectService(test, { ...client, http: true, open: () => open(url) });
}

// Plain ASCII without outer spaces travels as it is, everything else as Base64.
const VALUES = [
  'plain',
  'größer 🦀',
  ' spaces outside ',
  'two\nlines',
  '=?base64?look-alike?=',
  '',
  'tab\tinside',
];

for (const mode of ['auto', { pin: '2026-07-28' }] as const) {
  test(`version 2, ${mode === 'auto' ? mode : 'pinned'}: mirrors arguments into headers, whatever they hold`, async () => {
    const { tools, call, traffic, close } = await v2(mode)(url);
    await tools();
    for (const text of VALUES) {
      const { structuredContent } = await call('text.echo', { text, times: -7, loud: true });
      assert.equal(structuredContent, { text, times: -7, loud: true });
    }
    await close();
    const sent = traffic.posted.filter(({ method }) => method === 'tools/call').map(({ headers }) => headers);
    assert.is(sent.length, VALUES.length);
    for (const headers of sent) {
      assert.is(headers.get('mcp-name'), 'text.echo');
      assert.ok(headers.has('mcp-param-text'));
      assert.equal([headers.get('mcp-param-times'), headers.get('mcp-param-loud')], ['-7', 'true']);
    }
    assert.is(sent[0]?.get('mcp-param-text'), 'plain');
    assert.match(sent[1]?.get('mcp-param-text') ?? '', /^=\?base64\?/);
  });
}

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

// Clients count their requests from 0, so two of them have the same ids all the time.
test('a legacy client that cancels never stops the call of another with the same id', async () => {
  const [first, second] = await Promise.all([v1()(url), v1()(url)]);
  const leaving = new AbortController();
  const stopped = refusal(first.call('work.wait', { label: 'first of two' }, { signal: leaving.signal }));
  const other = refusal(second.call('work.wait', { label: 'second of two' }));
  await until(async () => {
    const { started } = await logOf(first);
    return started.includes('first of two') && started.includes('second of two');
  });
  leaving.abort('enough');
  await stopped;
  await until(async () => first.traffic.sent.some(({ method }) => method === 'notifications/cancelled'));
  await first.ping();
  const { aborted } = await logOf(second);
  assert.not.ok(aborted.some(({ label }) => label === 'second of two'));
  const ids = [first, second].map(
    ({ traffic }) => traffic.sent.find((message) => JSON.stringify(message).includes('of two'))?.id,
  );
  assert.is(ids[0], ids[1]);
  await Promise.all([first.close(), second.close()]);
  await other;
});

test.run();
