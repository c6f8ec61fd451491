import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOpa, createOpaReadiness, OpaFailed } from '../../src/governance/policy/opa/ask.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('opa/readiness');

test('the engine is asked once for all probes of a second, whether it decides or not', async () => {
  let time = 0;
  let asked = 0;
  let answer: () => Promise<unknown> = async () => 'no';
  const ready = createOpaReadiness(
    () => {
      asked += 1;
      return answer();
    },
    () => time,
  );
  await Promise.all([ready(), ready(), ready()]);
  time = 999;
  await ready();
  assert.is(asked, 1);
  time = 1_000;
  const away = new Error('away');
  answer = () => Promise.reject(away);
  for (let probe = 1; probe <= 3; probe += 1) assert.is(await ready().catch((error) => error), away);
  assert.is(asked, 2);
  time = 2_000;
  answer = () => new Promise(() => {});
  void ready();
  time = 60_000;
  void ready();
  assert.is(asked, 3);
});

test('a policy is ready while its engine decides, also against the caller, and not while it is away', async () => {
  let status = 200;
  let body = '{"result":{"allow":false,"reason":"missing scope: t"}}';
  const inputs: unknown[] = [];
  const engine = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    inputs.push(JSON.parse(text).input);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const policyOf = (dryRun = false) =>
    createPolicy({
      name: 'internal-readonly-mcp',
      clock: () => new Date(0),
      opa: createOpa({ url, deadlineMs: 2_000 }),
      probe: toolOf('t', { scope: 't:read' }),
      dryRun,
    });
  try {
    await policyOf().ready?.();
    assert.equal(inputs, [
      {
        server: {
          name: 'internal-readonly-mcp',
          tools: { t: { required_scope: 't:read', destructive: false } },
        },
        tool: 't',
        token: { user: 'readiness', issuer: '', tenant: '', scopes: [] },
        payload_chars: 2,
        now: 0,
      },
    ]);
    // Nobody loaded the policy: OPA answers well, and decides nothing.
    body = '{}';
    assert.instance(
      await policyOf()
        .ready?.()
        .catch((error) => error),
      OpaFailed,
    );
    status = 500;
    assert.instance(
      await policyOf()
        .ready?.()
        .catch((error) => error),
      OpaFailed,
    );
    // In a dry run every call passes, and the rules built in are always at hand.
    assert.is(policyOf(true).ready, undefined);
    assert.is(createPolicy({ name: 's', clock: () => new Date(0), probe: toolOf('t') }).ready, undefined);
  } finally {
    engine.close();
  }
  assert.instance(
    await policyOf()
      .ready?.()
      .catch((error) => error),
    OpaFailed,
  );
});

test.run();
