/** The official clients over HTTP against one endpoint that serves both eras at once. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type Endpoint } from '../../src/index.js';
import { isRecord } from '../../src/wire/value.js';
import { until } from '../support/until.js';
import { expectService, logOf, PAGE_SIZE, refusal } from './expectations.js';
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

test('version 2 without a list of tools is refused for its missing headers, lists them and calls again', async () => {
  const { call, traffic, close } = await v2('auto')(url);
  const { structuredContent } = await call('text.echo', { text: 'größer' });
  await close();
  assert.equal(structuredContent, { text: 'größer' });
  const [refused] = traffic.received.filter((message) => 'error' in message);
  assert.is(isRecord(refused?.error) && refused.error.code, -32020);
  assert.equal(
    traffic.sent.map(({ method }) => method).filter((method) => method !== 'tools/list'),
    ['server/discover', 'tools/call', 'tools/call'],
  );
});

for (const [name, open, reason] of [
  ['version 1', v1(), 'timed out'],
  ['version 2, legacy', v2('legacy'), 'timed out'],
  ['version 2, automatic', v2('auto'), 'closed the connection'],
] as const) {
  test(`${name}: a call that the client gives up on is stopped here too`, async () => {
    const session = await open(url);
    const label = `impatient ${name}`;
    await refusal(session.call('work.wait', { label }, { timeout: 100 }));
    const find = async () => (await logOf(session)).aborted.find((stopped) => stopped.label === label);
    await until(async () => (await find()) !== undefined);
    assert.match((await find())?.reason ?? '', reason);
    await session.close();
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
