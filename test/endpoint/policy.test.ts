import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { POLICY_VERSION } from '../../src/governance/policy/rules.js';
import type { Prompt, Resource } from '../../src/index.js';
import { APPROVED } from '../../src/oauth/scopes.js';
import { legacy, modernCall } from '../http/wire.js';
import { principalOf, toolOf } from '../mcp/ask.js';
import { type Answer, at, call, closeGuarded, counted, guarded } from './guarded.js';

const test = suite('endpoint/policy');
test.after(closeGuarded);

const NOW = 1_785_585_600;
const policy = createPolicy({ name: 'bench', clock: () => new Date(NOW * 1_000) });
/** A decision without the name of its policy and without its mask. */
function said(decision: unknown): unknown {
  const { policy: version, mask, ...rest } = decision as { policy: string; mask?: unknown };
  assert.is(version, POLICY_VERSION);
  assert.ok(mask === undefined || typeof mask === 'function');
  return rest;
}

const write = { scope: 'bench:write', destructive: true };

test('an approval is fresh for a quarter of an hour, and worthless without its scope', async () => {
  const tool = toolOf('t', write);
  const both = ['bench:write', APPROVED];
  const stale = 'destructive tool requires fresh human approval (Slack card)';
  for (const [scopes, approvedAt, reason] of [
    [both, NOW, 'ok'],
    [both, NOW - 900, 'ok'],
    [both, NOW + 5, 'ok'],
    [both, NOW - 901, stale],
    [both, 0, stale],
    [both, undefined, stale],
    [['bench:write'], NOW, stale],
    [[APPROVED], NOW, 'missing scope: bench:write'],
    [[], undefined, 'missing scope: bench:write'],
  ] as const) {
    const allow = reason === 'ok';
    const decided = await policy.call(tool, {}, principalOf({ scopes, approvedAt }));
    const approvable = reason === stale ? { approvable: true } : {};
    assert.equal(said(decided), allow ? { allow, reason } : { allow, reason, scopes: both, ...approvable });
  }
});
test('a tool that changes nothing needs its scope and no approval', async () => {
  const tool = toolOf('t');
  const reads = await policy.call(tool, {}, principalOf({ scopes: ['bench:read'] }));
  assert.equal(said(reads), { allow: true, reason: 'ok' });
  const refused = { allow: false, reason: 'missing scope: bench:read', scopes: ['bench:read'] };
  for (const scopes of [[], [APPROVED], ['bench:write'], ['bench'], ['bench:read:more'], ['BENCH:READ']])
    assert.equal(said(await policy.call(tool, {}, principalOf({ scopes, approvedAt: NOW }))), refused);
});

const tools = [toolOf('read'), toolOf('write', write)];
const modern = (name: string, id: unknown = 1): [string, { [name: string]: string }] => {
  const { body, headers } = modernCall(name, {}, id);
  return [body, headers];
};
/** The same call as clients of each revision send it. */
const spoken = (name: string): (readonly [string, { [name: string]: string }])[] => [
  modern(name),
  ...['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map(
    (revision) => [call(name), { 'mcp-protocol-version': revision }] as const,
  ),
  [call(name), { accept: 'text/event-stream' }],
];

test('a call with too little scope is refused in every revision with all scopes it needs, in header and data', async () => {
  const { tool, runs } = counted('write', write);
  const { post, token, refusals, resource } = await guarded({ tools: [tool] });
  const resource_metadata = `${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp`;
  for (const [body, headers] of spoken('write')) {
    refusals.length = 0;
    const answer = await post(token(), body, headers);
    const facts = {
      error: 'insufficient_scope',
      error_description: 'missing scope: bench:write',
      scope: 'bench:write approved:by:human',
      resource_metadata,
    };
    const data = { ...facts, reason: 'insufficient_scope', remediation: 'available' };
    assert.is(answer.status, 403);
    assert.is(
      answer.headers.get('www-authenticate'),
      `Bearer ${Object.entries(facts)
        .map(([name, value]) => `${name}="${value}"`)
        .join(', ')}`,
    );
    assert.equal(answer.body, {
      jsonrpc: '2.0',
      id: 1,
      error: { code: 403, message: 'Forbidden: missing scope: bench:write', data },
    });
    assert.equal(refusals, [
      { status: 403, reason: 'insufficient_scope', detail: 'missing scope: bench:write' },
    ]);
  }
  assert.is(runs(), 0);
});
test('a destructive call needs an approval that is younger than a quarter of an hour', async () => {
  const { tool, runs } = counted('write', write);
  const { post, token } = await guarded({ tools: [tool] });
  const scope = 'bench:write approved:by:human';
  for (const [claims, status] of [
    [{ scope, approved_at: at(-890) }, 200],
    [{ scope, approved_at: at(0) }, 200],
    [{ scope, approved_at: at(-901) }, 403],
    [{ scope }, 403],
    [{ scope: 'bench:write', approved_at: at(0) }, 403],
    [{ scope: 'approved:by:human', approved_at: at(0) }, 403],
  ] as const) {
    for (const [body, headers] of [modern('write'), [call('write'), {}] as const]) {
      const answer = await post(token(claims), body, headers);
      assert.is(answer.status, status, JSON.stringify(claims));
      assert.is(answer.body.error?.data?.scope, status === 200 ? undefined : scope);
    }
  }
  assert.is(runs(), 4);
});
test('a scope includes what is configured to follow from it, and not the other way round', async () => {
  const open = [
    toolOf('read'),
    toolOf('write', { scope: 'bench:write' }),
    toolOf('all', { scope: 'bench:admin' }),
  ];
  const implies = { 'bench:admin': ['bench:write'], 'bench:write': ['bench:read'] };
  const { post, token } = await guarded({ tools: open }, { implies });
  const allowed = async (scope: string): Promise<string[]> => {
    const names = ['read', 'write', 'all'];
    const answers = await Promise.all(names.map((name) => post(token({ scope }), call(name))));
    return names.filter((_, index) => answers[index]?.status === 200);
  };
  assert.equal(await allowed('bench:read'), ['read']);
  assert.equal(await allowed('bench:write'), ['read', 'write']);
  assert.equal(await allowed('bench:admin'), ['read', 'write', 'all']);
  assert.equal(await allowed('bench'), []);
});
test('an item of a batch is refused alone, and says why', async () => {
  const { tool, runs } = counted('write', write);
  const { post, token } = await guarded({ tools: [toolOf('read'), tool] });
  const items = [call('read', 'a'), call('write', 'b'), legacy('ping', undefined, 'c')];
  const headers = { 'mcp-protocol-version': '2025-03-26' };
  const answer = await post(token(), `[${items.join()}]`, headers);
  assert.is(answer.status, 200);
  const replies = JSON.parse(answer.text) as (Answer['body'] & { id: string })[];
  assert.equal(
    replies.map(({ id, error }) => [id, error?.code, error?.data?.scope]),
    [
      ['a', undefined, undefined],
      ['b', 403, 'bench:write approved:by:human'],
      ['c', undefined, undefined],
    ],
  );
  assert.is(runs(), 0);
  assert.is((await post('', `[${items.join()}]`, headers)).status, 401);
});
test('a token without any scope may see what there is', async () => {
  const { post, token } = await guarded({ tools });
  const none = token({ scope: undefined });
  const listed = await post(none, legacy('tools/list'), { 'mcp-protocol-version': '2025-11-25' });
  assert.equal([listed.status, listed.body.result?.tools?.length], [200, 2]);
  assert.is((await post(none, legacy('ping'))).status, 200);
  assert.is((await post(none, call('read'))).status, 403);
});
test('a list tells a caller which calls with its token will pass', async () => {
  const names = ['t', 'u', 'v', 'w'];
  const some = [
    toolOf('t', { scope: 'a' }),
    toolOf('u', { scope: 'b', destructive: true }),
    toolOf('v', { scope: 'c:write' }),
    toolOf('w', { scope: 'c:read', destructive: true }),
  ];
  const { post, token } = await guarded({ tools: some }, { implies: { 'c:write': ['c:read'] } });
  const approval = fc.constantFrom(undefined, -10, -800, -1_000);
  const scopes = fc.subarray(['a', 'b', 'c:read', 'c:write', APPROVED]);
  await fc.assert(
    fc.asyncProperty(scopes, approval, async (granted, approved) => {
      const bearer = token({
        scope: granted.join(' '),
        approved_at: approved === undefined ? undefined : at(approved),
      });
      const listed = await post(bearer, legacy('tools/list'), { 'mcp-protocol-version': '2025-11-25' });
      const told = new Map(
        (listed.body.result?.tools ?? []).map(({ name, _meta }) => [
          name,
          (_meta as Told)['barewire/access'],
        ]),
      );
      for (const name of names) {
        const access = told.get(name);
        const [body, headers] = modern(name);
        const answer = await post(bearer, body, headers);
        assert.is(answer.status, access?.granted === true ? 200 : 403, `${name} with ${granted}`);
        if (access?.granted === false) assert.is(answer.body.error?.data?.scope, access.scopes.join(' '));
      }
    }),
    { numRuns: 30 },
  );
});
type Told = { 'barewire/access': { scopes: string[]; granted: boolean } };

test('resources, prompts and completions are refused over HTTP as tools are', async () => {
  const resource: Resource = {
    uri: 'note://a',
    name: 'a',
    scope: 'notes:read',
    read: (uri) => [{ uri, text: 'a' }],
  };
  const prompt: Prompt = {
    name: 'p',
    scope: 'notes:read',
    arguments: [{ name: 'x', complete: () => [] }],
    get: () => ({ messages: [] }),
  };
  const { post, token, url } = await guarded({
    tools,
    resources: [resource],
    prompts: [prompt],
    sessions: { most: 5, idleMs: 5_000 },
  });
  const ref = { type: 'ref/prompt', name: 'p' };
  const opened = await post(
    token(),
    legacy('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    }),
  );
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  for (const [method, params] of [
    ['resources/read', { uri: 'note://a' }],
    ['resources/subscribe', { uri: 'note://a' }],
    ['prompts/get', { name: 'p' }],
    ['completion/complete', { ref, argument: { name: 'x', value: '' } }],
  ] as const) {
    const refused = await post(token(), legacy(method, params), session);
    assert.equal([refused.status, refused.body.error?.data?.scope], [403, 'notes:read'], method);
    assert.match(refused.headers.get('www-authenticate') ?? '', / scope="notes:read", /);
    assert.is((await post(token({ scope: 'notes:read' }), legacy(method, params), session)).status, 200, url);
  }
});
test('a custom policy decides instead of the scopes', async () => {
  const { post, token } = await guarded({
    tools,
    policy: {
      needs: () => [],
      access: () => ({ scopes: [], granted: true }),
      call: async (tool, _args, { user }) => ({
        allow: user === 'ada' && !tool.destructive,
        reason: 'only ada',
      }),
      use: () => ({ allow: true, reason: 'ok' }),
    },
  });
  assert.is((await post(token({ scope: '' }), call('read'))).status, 200);
  const refused = await post(token({ sub: 'bob' }), call('read'));
  assert.equal(
    [refused.status, refused.body.error],
    [
      200,
      {
        code: 403,
        message: 'Forbidden: only ada',
        data: { reason: 'denied_by_policy', remediation: 'undisclosed' },
      },
    ],
  );
  assert.is(refused.headers.get('www-authenticate'), null);
});

test.run();
