import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { Fault } from '../../src/wire/fault.js';
import type { Policy } from '../../src/wire/mcp/mcp-server.js';
import { createConnection } from '../../src/wire/mcp/meta.js';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import { type Revision, SUPPORTED } from '../../src/wire/revisions.js';
import type { JsonObject } from '../../src/wire/value.js';
import { turn } from '../support/until.js';
import { ask, type Bench, errorOf, exchangeOf, principalOf, resultOf, serverOf, toolOf } from './ask.js';

const test = suite('mcp/access');
const DENIED = { reason: 'denied_by_policy', remediation: 'undisclosed' };
const lacking = (scope: string) => ({ reason: 'insufficient_scope', remediation: 'available', scope });

const NOW = 1_785_585_600;
const ACCESS = 'barewire/access';
const policy = createPolicy({ name: 'bench', clock: () => new Date(NOW * 1_000) });

let runs = 0;
const run = <Result>(result: Result): Result => {
  runs += 1;
  return result;
};
const contents = (uri: string) => run([{ uri, text: 'open' }]);
const messages = () => run({ messages: [] });
const complete = () => run(['one']);

function bench(given: Partial<Bench> = {}): Bench {
  runs = 0;
  const argument = { name: 'topic', complete };
  return {
    ...serverOf([toolOf('read'), toolOf('write', { scope: 'bench:write', destructive: true })]),
    policy,
    resources: createResources(
      [
        { uri: 'note://open', name: 'open', read: contents },
        { uri: 'note://closed', name: 'closed', scope: 'notes:read', read: contents },
      ],
      [
        {
          uriTemplate: 'note://of/{topic}',
          name: 'of',
          scope: 'notes:read',
          read: contents,
          complete: { topic: complete },
        },
      ],
    ),
    prompts: createPrompts([
      { name: 'open', arguments: [argument], get: messages },
      { name: 'closed', scope: 'prompts:read', arguments: [argument], get: messages },
    ]),
    ...given,
  };
}

const completion = (ref: JsonObject): JsonObject => ({ ref, argument: { name: 'topic', value: 'o' } });
const subscriptions = (...uris: string[]): JsonObject => ({ notifications: { resourceSubscriptions: uris } });
const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';

/** Which method needs which scope. */
const NEEDS: readonly [method: string, params: JsonObject, scope: string, revisions: readonly Revision[]][] =
  [
    ['resources/read', { uri: 'note://closed' }, 'notes:read', SUPPORTED],
    ['resources/read', { uri: 'note://of/tea' }, 'notes:read', SUPPORTED],
    ['resources/subscribe', { uri: 'note://closed' }, 'notes:read', [LEGACY]],
    ['resources/subscribe', { uri: 'note://of/tea' }, 'notes:read', [LEGACY]],
    ['prompts/get', { name: 'closed' }, 'prompts:read', SUPPORTED],
    [
      'completion/complete',
      completion({ type: 'ref/prompt', name: 'closed' }),
      'prompts:read',
      [MODERN, LEGACY],
    ],
    [
      'completion/complete',
      completion({ type: 'ref/resource', uri: 'note://of/{topic}' }),
      'notes:read',
      [MODERN, LEGACY],
    ],
  ];
const OPEN: readonly [method: string, params: JsonObject, revision: Revision][] = [
  ['resources/read', { uri: 'note://open' }, MODERN],
  ['resources/subscribe', { uri: 'note://open' }, LEGACY],
  ['prompts/get', { name: 'open' }, MODERN],
  ['completion/complete', completion({ type: 'ref/prompt', name: 'open' }), MODERN],
  ['resources/list', {}, MODERN],
  ['prompts/list', {}, MODERN],
  ['tools/list', {}, MODERN],
];

const asking = (revision: Revision, scopes: readonly string[], approvedAt?: number) =>
  exchangeOf(revision, {
    principal: principalOf({ scopes, approvedAt }),
    connection: revision === MODERN ? undefined : createConnection(revision, {}),
  }).exchange;

for (const [method, params, scope, revisions] of NEEDS) {
  test(`${method} needs the scope of ${JSON.stringify(params)}`, async () => {
    for (const revision of revisions) {
      for (const scopes of [[], ['bench:read'], [scope.toUpperCase(), `${scope}s`, `${scope}:more`]]) {
        const server = bench();
        const reply = await ask(server, revision, method, params, asking(revision, scopes));
        const { code, message, data } = errorOf(reply);
        assert.equal([reply.status, code, message], [403, 403, `Forbidden: missing scope: ${scope}`]);
        assert.equal(data, lacking(scope));
        assert.is(runs, 0);
      }
      resultOf(await ask(bench(), revision, method, params, asking(revision, ['bench:read', scope])));
    }
  });
}
test('methods without a scope are open to every caller, and lists are the same for all', async () => {
  for (const [method, params, revision] of OPEN) {
    resultOf(await ask(bench(), revision, method, params, asking(revision, [])));
  }
});
test('nobody listens to a resource that it may not read', async () => {
  for (const [uri, scopes, allowed] of [
    ['note://closed', [], false],
    ['note://closed', ['notes:read'], true],
    ['note://open', [], true],
  ] as const) {
    const { exchange, sent } = exchangeOf(MODERN, { principal: principalOf({ scopes }) });
    const server = bench();
    const asked = ask(server, MODERN, 'subscriptions/listen', subscriptions('note://open', uri), exchange);
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(sent.length, allowed ? 1 : 0);
    if (allowed) continue;
    const reply = await asked;
    assert.equal([reply.status, errorOf(reply).data], [403, lacking('notes:read')]);
    server.changes.emit({ kind: 'resource', uri });
    assert.is(sent.length, 0);
  }
});
test('what does not exist is not said to need a scope', async () => {
  for (const [method, params] of [
    ['resources/read', { uri: 'note://none' }],
    ['prompts/get', { name: 'none' }],
    ['tools/call', { name: 'none' }],
  ] as const) {
    const { code, message } = errorOf(await ask(bench(), MODERN, method, params, asking(MODERN, [])));
    assert.is(code, -32602);
    assert.match(message, 'no such');
  }
});
test('a server without a policy is open to anyone who reaches it, and mentions no scopes', async () => {
  const server = bench({ policy: undefined });
  for (const [method, params, , [revision]] of NEEDS) {
    assert.ok(revision);
    resultOf(await ask(server, revision, method, params, asking(revision, [])));
  }
  const { tools } = resultOf(await ask(server, MODERN, 'tools/list', {}, asking(MODERN, [])));
  assert.not.match(JSON.stringify(tools), ACCESS);
});

test('a listed tool says which scopes a call needs and whether the caller has them, where tools have room for it', async () => {
  for (const revision of SUPPORTED) {
    const { tools } = resultOf(
      await ask(bench(), revision, 'tools/list', {}, asking(revision, ['bench:read'])),
    );
    const told = (tools as { _meta?: JsonObject }[]).map(({ _meta }) => _meta?.[ACCESS]);
    const roomy = revision >= '2025-06-18';
    assert.equal(
      told,
      roomy
        ? [
            { scopes: ['bench:read'], granted: true },
            { scopes: ['bench:write', 'approved:by:human'], granted: false },
          ]
        : [undefined, undefined],
      revision,
    );
  }
});
test("the tool's own _meta stays", async () => {
  const server = { ...serverOf([toolOf('t', { _meta: { 'example.com/a': 1 } })]), policy };
  for (const scopes of [[], ['bench:read']]) {
    const { tools } = resultOf(await ask(server, MODERN, 'tools/list', {}, asking(MODERN, scopes)));
    const granted = scopes.length > 0;
    assert.equal((tools as JsonObject[])[0]?._meta, {
      'example.com/a': 1,
      [ACCESS]: { scopes: ['bench:read'], granted },
    });
  }
});
test('the list of one caller is not used for another: it describes the caller who asks', async () => {
  const server = bench();
  const granted = async (scopes: readonly string[]): Promise<unknown[]> => {
    const { tools, cacheScope } = resultOf(
      await ask(server, MODERN, 'tools/list', {}, asking(MODERN, scopes, NOW)),
    );
    assert.is(cacheScope, 'private');
    return (tools as { _meta: { [ACCESS]: { granted: boolean } } }[]).map(
      ({ _meta }) => _meta[ACCESS].granted,
    );
  };
  assert.equal(await granted(['bench:read']), [true, false]);
  assert.equal(await granted(['bench:write', 'approved:by:human']), [false, true]);
  assert.equal(await granted([]), [false, false]);
});
test('the scopes that a list names are those that a call asks for, and with them it is let through', async () => {
  const scope = fc.constantFrom('a', 'b', 'c', 'approved:by:human');
  const tools = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('t', 'u', 'v'), scope, destructive: fc.boolean() }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const approvedAt = fc.option(fc.integer({ min: NOW - 1_000, max: NOW + 5 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      tools,
      fc.subarray(['a', 'b', 'c', 'approved:by:human']),
      approvedAt,
      async (given, scopes, when) => {
        const server = { ...serverOf(given.map(({ name, ...rest }) => toolOf(name, rest))), policy };
        const listed = resultOf(await ask(server, MODERN, 'tools/list', {}, asking(MODERN, scopes, when)));
        for (const { name, _meta } of listed.tools as { name: string; _meta: JsonObject }[]) {
          const { granted, scopes: needed } = _meta[ACCESS] as { granted: boolean; scopes: string[] };
          const reply = await ask(server, MODERN, 'tools/call', { name }, asking(MODERN, scopes, when));
          assert.is('result' in reply.response, granted);
          if (!granted) assert.equal(errorOf(reply).data, lacking(needed.join(' ')));
          resultOf(await ask(server, MODERN, 'tools/call', { name }, asking(MODERN, needed, NOW)));
        }
      },
    ),
    { numRuns: 200 },
  );
});

const always = (decision: Awaited<ReturnType<Policy['call']>>): Policy => ({
  ...policy,
  call: () => decision,
});

test('a refusal that no scope would help with names none', async () => {
  const server = bench({ policy: always({ allow: false, reason: 'not on Sundays' }) });
  const reply = await ask(server, MODERN, 'tools/call', { name: 'read' }, asking(MODERN, ['bench:read']));
  assert.equal(reply.response, {
    jsonrpc: '2.0',
    id: 1,
    error: { code: 403, message: 'Forbidden: not on Sundays', data: DENIED },
  });
  assert.is(reply.headers, undefined);
});
test('a refusal has the form of its transport, where that has one', async () => {
  const fault = new Fault('forbidden', 'as I say', { data: { more: true }, headers: { 'x-more': '1' } });
  const told: unknown[] = [];
  const { exchange } = exchangeOf(MODERN, {
    challenge: (...asked) => {
      told.push(asked);
      return fault;
    },
  });
  const reply = await ask(bench(), MODERN, 'tools/call', { name: 'write' }, exchange);
  assert.equal(told, [[['bench:write', 'approved:by:human'], 'missing scope: bench:write', undefined]]);
  assert.equal([reply.headers, errorOf(reply).data], [{ 'x-more': '1' }, { ...DENIED, more: true }]);
});
test('a policy may take its time, and one that fails lets nobody through', async () => {
  const later = <Result>(result: Result): Promise<Result> => turn().then(() => result);
  let ran = 0;
  const tool = toolOf('t', {
    handler: () => {
      ran += 1;
      return {};
    },
  });
  const outcome = async (call: Policy['call']): Promise<number> => {
    const server = { ...serverOf([tool]), policy: { ...policy, call } };
    return (await ask(server, MODERN, 'tools/call', { name: 't' }, asking(MODERN, []))).status;
  };
  assert.is(await outcome(() => later({ allow: false, reason: 'no' })), 403);
  assert.is(await outcome(() => Promise.reject(new Error('out of order'))), 500);
  assert.is(
    await outcome(() => {
      throw new Fault('unavailable', 'the policy cannot be asked');
    }),
    503,
  );
  assert.is(ran, 0);
  assert.is(await outcome(() => later({ allow: true, reason: 'ok' })), 200);
  assert.is(ran, 1);
});
test('a call that is not allowed is not checked any further: its arguments are not looked at', async () => {
  const inputSchema = { type: 'object', required: ['a'] };
  const server = { ...serverOf([toolOf('t', { inputSchema })]), policy };
  const outcome = (scopes: string[]) =>
    ask(server, '2025-06-18', 'tools/call', { name: 't' }, asking('2025-06-18', scopes));
  assert.is(errorOf(await outcome([])).code, 403);
  assert.is(errorOf(await outcome(['bench:read'])).code, -32602);
});

test.run();
