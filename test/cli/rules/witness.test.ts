/** The witness as a whole: what it leaves alone, that nothing makes it throw, and that it is fast. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWitness, type Violation, type Witness } from '../../../src/cli/rules/witness.js';
import { heapUsed } from '../../support/heap.js';
import { failure, lines, notification, pipe, request, result, session } from './conversations.js';
import { ask, exchange, modern, SERVER_META } from './exchanges.js';

const test = suite('cli/rules/witness');
const DONE = { resultType: 'complete', content: [], _meta: SERVER_META };

const clausesOf = (found: readonly Violation[]) => found.map(({ clause }) => clause);

test('good exchanges violate nothing', () => {
  assert.equal(ask(modern('tools/call', { name: 'a' }), { result: DONE }), []);
  assert.equal(ask(modern('tools/call', { name: 'a' }), [result(DONE, 1)], { complete: true }), []);
  assert.equal(session({ session: 'visible' }).found, []);
  assert.equal(session({ revision: '2024-11-05' }).found, []);
  assert.equal(pipe({}, ['>', request('tools/list')], ['<', result({ tools: [] })]), []);
  assert.equal(pipe({}, ['<', request('roots/list')], ['>', failure(-32603)]), []);
});

test('a refusal before the message was read may have no id', () => {
  const { send } = session();
  assert.equal(
    send(request('tools/list'), { id: null, error: { code: -32000, message: 'no' } }, { status: 400 }),
    [],
  );
  assert.equal(
    ask('{', { id: null, error: { code: -32700, message: 'no' } }, { status: 400 }).filter(
      ({ side }) => side === 'server',
    ),
    [],
  );
});

test('demands of a later revision are not guessed', () => {
  const later = { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
  const message = modern('tools/odd', { name: 5, _meta: later }, { extra: true });
  assert.equal(ask(message, { result: { anything: true } }), []);
  assert.equal(lines(['>', message], ['<', result({ anything: true }, 1)]), []);
});

test('a legacy server that is tried out with a modern request is not held against the modern revision', () => {
  const witness = createWitness({ transport: 'http' });
  const probe = modern('server/discover', {}, { id: 'probe' });
  const refusal = { id: 'server-error', error: { code: -32600, message: 'no session' } };
  assert.equal(exchange(witness, probe, refusal, { status: 400 }), []);
  assert.equal(
    exchange(witness, probe, [{ ...refusal, jsonrpc: '2.0' }], { headers: { 'x-accel-buffering': 'yes' } }),
    [],
  );
  const done = { result: { ...DONE, _meta: {} } };
  const found = exchange(witness, modern('tools/call', { name: 'a' }), done);
  assert.equal(clausesOf(found), ['2026-07-28/basic/065']);
});

test('traffic that is not MCP is left alone', () => {
  const witness = createWitness({ transport: 'http' });
  const form = [['content-type', 'application/x-www-form-urlencoded']] as [string, string][];
  assert.equal(
    witness.request({ id: 1, method: 'POST', target: '/token', headers: form, body: 'grant_type=code' }),
    [],
  );
  assert.equal(witness.response(1, { status: 401, headers: [] }), []);
  assert.equal(witness.message(1, '{"error":"invalid_client"}'), []);
  assert.equal(
    witness.request({
      id: 2,
      method: 'POST',
      target: '/register',
      headers: [],
      body: '{"redirect_uris":[]}',
    }),
    [],
  );
  assert.equal(
    witness.request({
      id: 3,
      method: 'GET',
      target: '/.well-known/oauth-protected-resource',
      headers: [],
      body: '',
    }),
    [],
  );
});

test('the transport of 2024-11-05 is not held against that of later revisions', () => {
  const witness = createWitness({ transport: 'http' });
  const get = witness.request({
    id: 1,
    method: 'GET',
    target: '/sse',
    headers: [['accept', 'text/event-stream']],
    body: '',
  });
  const head = witness.response(1, { status: 200, headers: [['content-type', 'text/event-stream']] });
  const endpoint = witness.message(1, '/messages?session=s');
  const initialize = request(
    'initialize',
    { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    0,
  );
  const post = witness.request({
    id: 2,
    method: 'POST',
    target: '/messages?session=s',
    headers: [],
    body: JSON.stringify(initialize),
  });
  const accepted = witness.response(2, { status: 202, headers: [['content-type', 'text/plain']] });
  const body = witness.message(2, 'Accepted');
  const answer = witness.message(
    1,
    JSON.stringify(
      result({ protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 's', version: '1' } }, 0),
    ),
  );
  assert.equal([get, head, endpoint, post, accepted, body, answer].flat(), []);
  const wrong = witness.message(
    1,
    JSON.stringify(notification('notifications/message', { level: 'loud', data: 1 })),
  );
  assert.equal(clausesOf(wrong), ['2025-11-25/logging/001', '2024-11-05/lifecycle/001']);
});

test('several clients behind one witness are not confused', () => {
  const witness = createWitness({ transport: 'http', clients: 'many' });
  const message = modern('tools/call', { name: 'a', _meta: { progressToken: 1 } });
  assert.equal([...exchange(witness, message), ...exchange(witness, message)], []);
  const one = createWitness({ transport: 'http' });
  const found = [...exchange(one, message), ...exchange(one, message)];
  assert.equal(clausesOf(found), ['2026-07-28/basic/005', '2026-07-28/progress/003']);
});

const ids = fc.constantFrom<unknown>(1, 2, '1', null, undefined, 1.5, {});
const methods = fc.constantFrom(
  'initialize',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/read',
  'prompts/get',
  'tasks/get',
  'subscriptions/listen',
  'elicitation/create',
  'sampling/createMessage',
  'notifications/progress',
  'notifications/cancelled',
  'notifications/initialized',
  'notifications/subscriptions/acknowledged',
  'notifications/tasks/status',
  'logging/setLevel',
);
const NAMES = [
  '_meta',
  'name',
  'uri',
  'tools',
  'content',
  'inputSchema',
  'type',
  'properties',
  'x-mcp-header',
  'resultType',
  'inputRequests',
  'requestState',
  'params',
  'protocolVersion',
  'capabilities',
  'task',
  'taskId',
  'status',
  'progressToken',
  'progress',
  'requestId',
  'notifications',
  'cursor',
  'nextCursor',
  'messages',
  'requestedSchema',
  'mode',
  'elicitation',
  'structuredContent',
  '__proto__',
  'constructor',
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientCapabilities',
  'io.modelcontextprotocol/subscriptionId',
];
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e300,
    '',
    'a',
    't',
    '2026-07-28',
    '2025-11-25',
    'object',
    'input_required',
    'task',
    'working',
    'form',
    'url',
  ),
  fc.string(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }),
  ),
}));
const message = fc.oneof(
  fc.record(
    { jsonrpc: fc.constantFrom('2.0', 2), id: ids, method: methods, params: value },
    { requiredKeys: ['jsonrpc', 'method'] },
  ),
  fc.record(
    { jsonrpc: fc.constant('2.0'), id: ids, result: value, error: value },
    { requiredKeys: ['jsonrpc'] },
  ),
  value,
);
const text = fc.oneof(
  message.map((one) => JSON.stringify(one) ?? ''),
  fc.string(),
);
const headers = fc.array(
  fc.tuple(
    fc.constantFrom(
      'Accept',
      'MCP-Protocol-Version',
      'Mcp-Session-Id',
      'Mcp-Method',
      'Mcp-Name',
      'Content-Type',
      'WWW-Authenticate',
      'Last-Event-ID',
    ),
    fc.oneof(
      fc.constantFrom(
        'application/json',
        'text/event-stream',
        '2026-07-28',
        '2025-11-25',
        's',
        '=?base64?%?=',
      ),
      fc.string(),
    ),
  ),
  { maxLength: 6 },
);
type Step = (witness: Witness) => Violation[];
const exchangeId = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      exchangeId,
      fc.constantFrom('POST', 'GET', 'DELETE', ''),
      fc.constantFrom('/mcp', '/sse', '?'),
      headers,
      text,
    )
    .map(
      ([id, method, target, pairs, body]): Step =>
        (witness) =>
          witness.request({ id, method, target, headers: pairs, body }),
    ),
  fc.tuple(exchangeId, fc.constantFrom(200, 202, 204, 400, 401, 404), headers).map(
    ([id, status, pairs]): Step =>
      (witness) =>
        witness.response(id, { status, headers: pairs }),
  ),
  fc.tuple(exchangeId, text).map(
    ([id, body]): Step =>
      (witness) =>
        witness.message(id, body),
  ),
  fc.tuple(exchangeId, fc.boolean()).map(
    ([id, complete]): Step =>
      (witness) =>
        witness.end(id, complete),
  ),
  fc.tuple(fc.constantFrom('client' as const, 'server' as const), text).map(
    ([from, line]): Step =>
      (witness) =>
        witness.line(from, line),
  ),
);

test('nothing makes it throw, and its findings are always complete and short', () => {
  let violations = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('http' as const, 'stdio' as const),
      fc.array(step, { maxLength: 12 }),
      (transport, steps) => {
        const witness = createWitness({ transport });
        for (const one of steps) {
          for (const violation of one(witness)) {
            violations += 1;
            assert.ok(
              Object.values(violation).every(
                (part) => typeof part === 'string' && part.length > 0 && part.length < 500,
              ),
            );
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(violations > 1000, `${violations} violations`);
});

test('a message as deep as a stack is judged like any other', () => {
  const deep = `${'{"properties":'.repeat(20_000)}{}${'}'.repeat(20_000)}`;
  const array = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const witness = createWitness({ transport: 'stdio' });
  for (const body of [deep, array]) {
    witness.line('client', `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":${body}}}`);
    witness.line('client', JSON.stringify(modern('tools/list', {}, { id: 2 })));
    const tool = `{"name":"a","inputSchema":${body},"outputSchema":${body}}`;
    const found = witness.line(
      'server',
      `{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","tools":[${tool}],"structuredContent":${body}}}`,
    );
    assert.ok(found.length > 0);
  }
});

test('memory is bounded, however long a conversation is', async () => {
  const witness = createWitness({ transport: 'stdio' });
  const round = (from: number, count: number) => {
    for (let id = from; id < from + count; id++) {
      const state = 's'.repeat(1000) + id;
      witness.line(
        'client',
        JSON.stringify(modern('tools/call', { name: `t${id}`, _meta: { progressToken: id } }, { id })),
      );
      witness.line(
        'server',
        JSON.stringify(result({ resultType: 'input_required', requestState: state, _meta: SERVER_META }, id)),
      );
      witness.line('client', JSON.stringify(modern('tools/call', { name: 'never' }, { id: `open-${id}` })));
    }
  };
  round(0, 5000);
  const before = await heapUsed();
  round(5000, 20_000);
  const grown = (await heapUsed()) - before;
  // Twenty thousand states of 1 KB each would be 20 MiB, in one copy.
  assert.ok(grown < 8 * 1024 * 1024, `${Math.round(grown / 1024 / 1024)} MiB more`);
});

test.run();
