/** stdio from the client's side: lines of every form, servers that are silent, end or do not end, and which events are reported to whom. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, connectStdio, type StdioOptions, type WireEvent } from '../../src/client/index.js';
import { until } from '../support/until.js';
import { closeAll, closeLater, failure, OPTIONS } from './servers.js';

const test = suite('client/stdio');
test.after(closeAll);

/** A server in JavaScript: `on(message)` is called with each line; `say` writes one, `answer` a result. */
const program = (script: string): string[] => [
  process.execPath,
  '--eval',
  `const say = (value) => process.stdout.write((typeof value === 'string' ? value : JSON.stringify(value)) + '\\n');
   const answer = ({ id }, result) => say({ jsonrpc: '2.0', id, result });
   const discovered = { supportedVersions: ['2026-07-28'], capabilities: {} };
   const initialized = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'old', version: '1' } };
   require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => on(JSON.parse(line)));
   ${script}`,
];

async function connect(script: string, options: Partial<StdioOptions> = {}): Promise<Client> {
  const client = await connectStdio(program(script), { ...OPTIONS, ...options });
  closeLater(() => client.close());
  return client;
}

const ECHO = `function on(message) {
  if (message.method === 'server/discover') answer(message, discovered);
  else answer(message, { resultType: 'complete', got: message.method });
}`;

test('requests may wait for their answers at the same time, and each gets its own', async () => {
  const client = await connect(`const waiting = [];
    function on(message) {
      if (message.method === 'server/discover') return answer(message, discovered);
      waiting.push(message);
      if (waiting.length === 2) for (const one of waiting.reverse()) answer(one, { got: one.method });
    }`);
  assert.is(client.era, 'modern');
  const both = await Promise.all([client.request('prompts/list'), client.request('tools/list')]);
  assert.equal(both, [{ got: 'prompts/list' }, { got: 'tools/list' }]);
});

test('a line that is not a message is skipped with a warning', async () => {
  const warnings: string[] = [];
  const client = await connect(
    `say('Server is starting\\u001b[0m'); say(''); say({ jsonrpc: '2.0', id: null, error: { code: 1, message: 'lost' } });
     say({ jsonrpc: '2.0', id: 'stray', result: {} });
     ${ECHO}`,
    { onWarning: (warning) => warnings.push(warning) },
  );
  assert.equal(await client.request('ping'), { resultType: 'complete', got: 'ping' });
  assert.is(warnings.length, 2);
  assert.match(warnings[0] ?? '', 'wrote to stdout what is no message: Server is starting');
  assert.is(warnings[1], 'the server reports: lost');
});

test('a line that is too long is skipped', async () => {
  const warnings: string[] = [];
  const client = await connect(`say('x'.repeat(17 * 1024 * 1024)); ${ECHO}`, {
    onWarning: (warning) => warnings.push(warning),
  });
  assert.is((await client.request('ping')).got, 'ping');
  assert.equal(warnings, ['a line of more than 16777216 bytes was skipped']);
});

test('a legacy server that leaves the probe unanswered is initialized', async () => {
  const silent = `function on(message) { if (message.method === 'initialize') answer(message, initialized); }`;
  const client = await connect(silent, { timeoutMs: 500 });
  assert.is(client.revision, '2025-11-25');
});

test('a modern server that is slow to start is a modern one', async () => {
  const slow = `let probe;
    function on(message) {
      if (message.method === 'server/discover') probe = message;
      else if (message.method === 'initialize') answer(probe, discovered);
      else answer(message, { got: message.method, version: message.params._meta['io.modelcontextprotocol/protocolVersion'] });
    }`;
  const client = await connect(slow, { timeoutMs: 2_000 });
  assert.is(client.revision, '2026-07-28');
  assert.is((await client.request('tools/list')).version, '2026-07-28');
});

test('a legacy server that ends because of the probe is started again', async () => {
  const client = await connect(`function on(message) {
    if (message.method === 'initialize') answer(message, initialized);
    else if (message.id !== undefined) process.exit(1);
  }`);
  assert.is(client.revision, '2025-11-25');
});

test('a server that ends or cannot start says why', async () => {
  const ended = await failure(connect(`console.error('no config'); process.exit(3); ${ECHO}`));
  assert.is(ended.kind, 'closed');
  assert.match(ended.message, 'ended with code 3; its last words: no config');
  const missing = await failure(connectStdio(['/nowhere/server'], OPTIONS));
  assert.is(missing.message, 'cannot start /nowhere/server: there is no such program');
  assert.is((await failure(connectStdio([], OPTIONS))).kind, 'usage');

  const client = await connect(`function on(message) {
    if (message.method === 'server/discover') answer(message, discovered); else process.kill(process.pid, 'SIGKILL');
  }`);
  assert.match((await failure(client.request('tools/list'))).message, 'ended by SIGKILL');
  assert.is((await failure(client.request('tools/list'))).kind, 'closed');
});

test('stderr is kept apart, line by line', async () => {
  const lines: string[] = [];
  const client = await connect(`console.error('one\\ntwo'); ${ECHO}`, { stderr: (line) => lines.push(line) });
  await until(() => lines.length === 2);
  assert.equal(lines, ['one', 'two']);
  assert.is((await client.request('ping')).got, 'ping');
});

test('giving up and a timeout cancel the request by name, and a late answer is ignored', async () => {
  const client = await connect(`let late;
    function on(message) {
      if (message.method === 'server/discover') return answer(message, discovered);
      if (message.method === 'slow') { late = message; return say({ jsonrpc: '2.0', method: 'notifications/message', params: {} }); }
      if (message.method === 'notifications/cancelled') return answer(late, { late: true });
      answer(message, { cancelled: late.id });
    }`);
  const late = await failure(client.request('slow', {}, { timeoutMs: 20 }));
  assert.equal([late.kind, late.message], ['timeout', 'slow was not answered within 0.02 s']);
  assert.equal(await client.request('last'), { cancelled: 2 });
  const stop = new AbortController();
  const gone = client.request('slow', {}, { signal: stop.signal });
  stop.abort();
  assert.is((await failure(gone)).kind, 'cancelled');
  assert.equal(await client.request('last'), { cancelled: 4 });
});

test('progress is for the request that asked for it, and starts its time again', async () => {
  const seen: unknown[] = [];
  const client = await connect(`function on(message) {
    if (message.method === 'server/discover') return answer(message, discovered);
    const { progressToken } = message.params._meta;
    for (const progress of [1, 'two', 3]) say({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: 3, message: 'so far' } });
    say({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'other', progress: 9 } });
    answer(message, {});
  }`);
  await client.request('slow', {}, { onProgress: (progress) => seen.push(progress) });
  assert.equal(seen, [
    { progress: 1, total: 3, message: 'so far' },
    { progress: 3, total: 3, message: 'so far' },
  ]);
});

test('a subscription stays until the server ends it', async () => {
  const heard: string[] = [];
  const client = await connect(
    `let listening;
    function on(message) {
      if (message.method === 'server/discover') return answer(message, discovered);
      if (message.method === 'subscriptions/listen') {
        listening = message;
        return say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} });
      }
      say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: listening.id } });
      answer(message, {});
    }`,
    { onNotification: (method) => heard.push(method), timeoutMs: 5_000 },
  );
  const listening = client.request('subscriptions/listen', { notifications: { toolsListChanged: true } });
  await until(() => heard.length > 0);
  assert.equal(heard, ['notifications/tools/list_changed']);
  await client.request('stop');
  assert.equal(await listening, {});
});

test('closing closes stdin first, and kills only a server that stays', async () => {
  const events: WireEvent[] = [];
  const ends = await connectStdio(program(ECHO), { ...OPTIONS, watch: (event) => events.push(event) });
  await ends.close();
  assert.equal(
    events.map(({ kind }) => kind),
    ['sent', 'received', 'ended'],
  );
  const lines: string[] = [];
  const stays = await connectStdio(
    program(`process.on('SIGTERM', () => console.error('SIGTERM')); setInterval(() => {}, 1000); ${ECHO}`),
    { ...OPTIONS, stderr: (line) => lines.push(line) },
  );
  await stays.close();
  assert.equal(lines, ['SIGTERM']);
});

test.run();
