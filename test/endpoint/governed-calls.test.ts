/** Policy over real calls: limits, masks, a dry run, and a real OPA that decides, is slow, or is away. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { createOpa } from '../../src/governance/policy/opa/ask.js';
import { createPolicy, type PolicyOptions } from '../../src/governance/policy/policy.js';
import { POLICY_VERSION } from '../../src/governance/policy/rules.js';
import type { Tool } from '../../src/index.js';
import { bench, recordsIn } from '../audit/logs.js';
import { legacy } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { findOpa, POLICY, serveOpa } from '../policy/opa-binary.js';
import type { TestIssuer } from '../support/issuer.js';
import { at, call, closeGuarded, counted, guarded, post, startIssuer } from './guarded.js';

const test = suite('endpoint/governed-calls');
test.after(closeGuarded);

const now = () => new Date();
const change = { scope: 'bench:write', destructive: true };
const PERSON = { name: 'Bob', email: 'bob@example.com', phone: '+1-202-555-0143' };
const NEWEST = { 'mcp-protocol-version': '2025-11-25' };

async function governed(tools: readonly Tool[], given: Partial<PolicyOptions> = {}, issuer?: TestIssuer) {
  const audit = await bench();
  const troubles: string[] = [];
  const onError = (error: unknown) => void troubles.push(String(error));
  const policy = createPolicy({
    name: 'bench',
    clock: now,
    state: createMemoryState(now),
    onError,
    ...given,
  });
  const door = await guarded({ tools, policy, audit: { log: audit.audit } }, {}, issuer);
  return { ...door, troubles, records: () => recordsIn(audit.dir, 'default') };
}

test('a tenant that has spent its calls of a tool is refused, and no other tenant or tool', async () => {
  const { tool, runs } = counted('read');
  const callsPerMinute = { all: 100, tools: { read: 3 } };
  const door = await governed([tool, toolOf('other')], { limits: { callsPerMinute } });
  const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => door.post(door.token(), call('read'))));
  assert.equal(statuses.map(({ status, body }) => [status, body.error?.code ?? 0]).sort(), [
    [200, 0],
    [200, 0],
    [200, 0],
    [200, 429],
    [200, 429],
  ]);
  assert.is(runs(), 3);
  const refused = statuses.find(({ body }) => body.error !== undefined);
  const wait = Number(refused?.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 20, `${wait}`);
  assert.equal(refused?.body.error?.data, {
    reason: 'quota_spent',
    remediation: 'available',
    retryAfter: wait,
  });
  assert.is((await door.post(door.token({ tenant: 'acme' }), call('read'))).status, 200);
  assert.is((await door.post(door.token(), call('other'))).status, 200);
});

test('a tenant of one issuer does not spend the calls of the tenant that another issuer gives the same name', async () => {
  const [ours, theirs] = [await startIssuer(), await startIssuer()];
  const issuers = [{ issuer: ours.issuer }, { issuer: theirs.issuer }];
  const limits = { callsPerMinute: { all: 2 } };
  const policy = createPolicy({ name: 'bench', clock: now, state: createMemoryState(now), limits });
  const { url, token, claims } = await guarded({ tools: [toolOf('read')], policy }, { issuers }, ours);
  const stolen = theirs.sign(claims({ iss: theirs.issuer, tenant: 'acme' }));
  const code = async (bearer: string) => (await post(url, bearer, call('read'))).body.error?.code;
  assert.equal([await code(stolen), await code(stolen), await code(stolen)], [undefined, undefined, 429]);
  assert.is(await code(token({ tenant: 'acme' })), undefined);
});

test('a bucket is shared by servers that share their state, and not by servers of another name', async () => {
  const state = createMemoryState(now);
  const limits = { callsPerMinute: { all: 2 } };
  const issuer = await startIssuer();
  const one = await governed([toolOf('read')], { state, limits }, issuer);
  const two = await governed([toolOf('read')], { state, limits }, issuer);
  const other = await governed([toolOf('read')], { state, limits, name: 'another' }, issuer);
  const code = async (door: typeof one) => (await door.post(door.token(), call('read'))).body.error?.code;
  assert.equal(
    [await code(one), await code(two), await code(one), await code(two)],
    [undefined, undefined, 429, 429],
  );
  assert.is(await code(other), undefined);
});

test('without a store for its buckets a quota refuses, because nobody knows what was spent', async () => {
  const { tool, runs } = counted('read');
  const state = { ...createMemoryState(now), update: () => Promise.reject(new StateUnavailable('away')) };
  const door = await governed([tool], { state, limits: { callsPerMinute: { all: 2 } } });
  const refused = await door.post(door.token(), call('read'));
  assert.is(refused.body.error?.code, 503);
  assert.is(runs(), 0);
  assert.equal(door.troubles, ['StateUnavailable: away']);
});

test('personal columns are masked in structured content, in its text and in JSON that a tool writes itself', async () => {
  const words = [{ type: 'text' as const, text: `Bob has ${PERSON.email}` }];
  const tools = [
    toolOf('structured', { handler: () => ({ structuredContent: PERSON, content: words }) }),
    toolOf('json', {
      handler: () => ({ content: [{ type: 'text', text: JSON.stringify([PERSON], undefined, 2) }] }),
    }),
    toolOf('words', { handler: () => ({ content: words }) }),
  ];
  const door = await governed(tools);
  const ask = async (name: string, scope: string) =>
    (await door.post(door.token({ scope }), legacy('tools/call', { name }), NEWEST)).body.result;
  const masked = { name: 'Bob', email: '[email]', phone: '[phone]' };
  const structured = await ask('structured', 'bench:read');
  assert.equal(structured?.structuredContent, masked);
  assert.equal(structured?.content?.[0]?.text, JSON.stringify(masked));
  assert.is((await ask('json', 'bench:read'))?.content?.[0]?.text, JSON.stringify([masked], undefined, 2));
  // A tool's own error text is left as it is.
  assert.is((await ask('words', 'bench:read'))?.content?.[0]?.text, words[0]?.text);
  const wide = await ask('structured', 'bench:read pii:read');
  assert.equal(wide?.structuredContent, PERSON);
  assert.equal(wide?.content, words);
});

test('a result that cannot be masked within its schema is not returned', async () => {
  const outputSchema = { type: 'object', properties: { phone: { type: 'integer' } } };
  const tool = toolOf('read', { outputSchema, handler: () => ({ structuredContent: { phone: 5550143 } }) });
  const door = await governed([tool]);
  const { text, body } = await door.post(door.token(), call('read'));
  assert.is(body.result?.isError, true);
  assert.not.match(text, /5550143/);
  assert.match(door.errors.join(), /cannot be masked within its outputSchema; \/phone/);
});

test('a dry run lets everything pass, and the log says what would have been refused', async () => {
  const { tool, runs } = counted('write', {
    ...change,
    handler: () => ({ structuredContent: PERSON }),
  });
  const door = await governed([tool], { dryRun: true, limits: { callsPerMinute: { all: 1 } } });
  for (const scope of ['bench:read', 'bench:write']) {
    const { status, body } = await door.post(door.token({ scope }), call('write'), NEWEST);
    assert.is(status, 200);
    assert.equal(body.result?.structuredContent, PERSON);
  }
  assert.is(runs(), 0, 'the counting handler was replaced');
  const approved = { scope: 'bench:write approved:by:human', approved_at: at(0) };
  for (let turn = 0; turn < 2; turn += 1) await door.post(door.token(approved), call('write'));
  assert.equal(
    door.records().flatMap(({ kind, decision }) => (kind === 'outcome' ? [decision] : [])),
    [
      'missing scope: bench:write',
      'destructive tool requires fresh human approval (Slack card)',
      'ok',
      'quota spent',
    ].map((reason) => ({ allow: reason === 'ok', enforced: false, policy: POLICY_VERSION, reason })),
  );
  // The caller is still authenticated.
  assert.is((await door.post('', call('write'))).status, 401);
});

/** A server in place of OPA. */
async function standIn(
  answer: (text: string) => { status: number; text: string } | undefined,
): Promise<[Server, string]> {
  const server = createServer((_request, response) => {
    const given = answer('');
    if (given !== undefined) response.writeHead(given.status).end(given.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

for (const [what, answer, problem] of [
  ['without a result', { status: 200, text: '{}' }, /undefined|no "result"/],
  [
    'that is no decision',
    { status: 200, text: '{"result":{"allow":"yes","reason":"ok"}}' },
    /"allow" must be true or false/,
  ],
  ['that is not JSON', { status: 200, text: 'yes' }, /not JSON/],
  ['of a failing engine', { status: 500, text: '{"code":"internal_error"}' }, /status 500/],
  ['that does not come in time', undefined, /did not answer within 50 ms/],
] as const) {
  test(`an answer ${what} refuses the call as unavailable, and in a dry run is only recorded`, async () => {
    const [server, url] = await standIn(() => answer);
    const { tool, runs } = counted('read');
    const opa = createOpa({ url, deadlineMs: 50 });
    const door = await governed([tool], { opa });
    const refused = await door.post(door.token(), call('read'));
    assert.is(refused.headers.get('retry-after'), '1');
    assert.equal(refused.body.error, {
      code: 503,
      message: 'Unavailable: the policy cannot be asked just now; try again',
      data: { reason: 'unavailable', remediation: 'available', retryAfter: 1 },
    });
    assert.is(runs(), 0);
    assert.match(door.troubles.join(), problem);
    const dry = await governed([tool], { opa, dryRun: true });
    assert.is((await dry.post(dry.token(), call('read'))).status, 200);
    assert.match(dry.records()[0]?.decision?.reason ?? '', problem);
    server.closeAllConnections();
    server.close();
  });
}

const opaPath = findOpa();
if (opaPath !== undefined) {
  test('a real OPA decides as the rules here do, its decision has an id, and it is asked again about a spent quota', async () => {
    const engine = await serveOpa(opaPath, [POLICY]);
    try {
      const { tool } = counted('write', change);
      const limits = { callsPerMinute: { all: 1 }, payloadCaps: { small: 20 } };
      const opa = createOpa({ url: engine.url, deadlineMs: 5_000 });
      const tools = [
        tool,
        toolOf('small'),
        toolOf('person', { handler: () => ({ structuredContent: PERSON }) }),
      ];
      const door = await governed(tools, { opa, limits });
      const approved = { scope: 'bench:write approved:by:human', approved_at: at(0) };
      const stale = { scope: 'bench:write approved:by:human', approved_at: at(-1_000) };
      const long = legacy('tools/call', { name: 'small', arguments: { text: 'more than twenty' } });
      const seen = [
        await door.post(door.token({ scope: 'other' }), call('write')),
        await door.post(door.token(stale), call('write')),
        await door.post(door.token(approved), call('write')),
        await door.post(door.token(approved), call('write')),
        await door.post(door.token(), long),
        await door.post(door.token(), call('person'), NEWEST),
      ];
      assert.equal(
        seen.map(({ body }) => [body.error?.code ?? 200, body.error?.message]),
        [
          [403, 'Forbidden: missing scope: bench:write'],
          [
            403,
            'Forbidden: a person must approve this call: it needs a token with bench:write approved:by:human',
          ],
          [200, undefined],
          [429, seen[3]?.body.error?.message],
          [403, 'Forbidden: payload too large for small (> 20 characters)'],
          [200, undefined],
        ],
      );
      assert.match(seen[0]?.headers.get('www-authenticate') ?? '', /scope="bench:write approved:by:human"/);
      assert.equal(seen[5]?.body.result?.structuredContent, {
        name: 'Bob',
        email: '[email]',
        phone: '[phone]',
      });
      for (const { decision, kind } of door.records()) {
        assert.match(decision?.id ?? '', /^[0-9a-f-]{36}$/, `${kind} names OPA's decision`);
        assert.is(decision?.policy, undefined);
      }
    } finally {
      await engine.stop();
    }
  });
}

test.run();
