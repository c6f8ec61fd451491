/** Asking OPA: a real one, where there is one, and servers on loopback that fail in each of the ways that one can. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOpa, OpaFailed, opaInput } from '../../src/governance/policy/opa/ask.js';
import type { PolicyServer } from '../../src/governance/policy/question.js';
import { findOpa, type OpaServer, POLICY, serveOpa } from '../policy/opa-binary.js';
import { freePort } from '../support/free-port.js';

const test = suite('opa/ask');

const SERVER: PolicyServer = {
  name: 'internal-readonly-mcp',
  tools: new Map([['jira.search', { required_scope: 'jira:read', destructive: false }]]),
};
const NOW = 1_700_000_000;
const inputOf = (tool: string, scopes: string[]) =>
  opaInput({
    server: SERVER,
    tool,
    token: { user: 'u42', scopes, approved_at: undefined },
    args: { jql: 'x' },
    now: NOW,
  });
const ALLOWED = inputOf('jira.search', ['jira:read']);

const servers: Server[] = [];
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
test.after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** For an engine that answers, however busy the machine is. */
const patient = (url: string) => createOpa({ url, deadlineMs: 10_000 });

/** What asking ends with, where it must fail. */
async function failure(url: string, deadlineMs = 2_000): Promise<OpaFailed> {
  const decision = await createOpa({ url, deadlineMs })
    .decide(ALLOWED)
    .catch((error: unknown) => error);
  if (decision instanceof OpaFailed) return decision;
  throw new Error(`it did not fail: ${JSON.stringify(decision)}`);
}

const says =
  (status: number, text: string): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(text);

test('the question is one POST of its input to the path of the decision', async () => {
  let seen = '';
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen = `${request.method} ${request.url} ${request.headers['content-type']} ${body}`;
    response.end('{"result":{"allow":true,"reason":"ok"}}');
  });
  assert.equal(await patient(url).decide(ALLOWED), { allow: true, reason: 'ok' });
  assert.is(
    seen,
    `POST /v1/data/barewire/decision?provenance=true application/json {"input":${JSON.stringify(ALLOWED)}}`,
  );
});

test('the revision of the bundles that decided is remembered, and none where OPA has none', async () => {
  const answers = [
    { version: '1.22.2', bundles: { main: { revision: 'r1' } } },
    { version: '1.22.2', revision: 'r2' },
    { version: '1.22.2' },
    'nonsense',
  ];
  const url = await serve((request, response) => {
    const provenance = answers.shift();
    says(200, JSON.stringify({ result: { allow: true, reason: 'ok' }, provenance }))(request, response);
  });
  const opa = patient(url);
  assert.is(opa.revision?.(), '');
  for (const expected of ['{"main":{"revision":"r1"}}', 'r2', '', '']) {
    await opa.decide(ALLOWED);
    assert.is(opa.revision?.(), expected);
  }
});

test('an address with a path of its own is used as it is', async () => {
  let seen: string | undefined;
  const url = await serve((request, response) => {
    seen = request.url;
    says(200, '{"result":{"allow":false,"reason":"no"}}')(request, response);
  });
  const decision = await patient(`${url}/v1/data/mine/answer?pretty=false`).decide(ALLOWED);
  assert.equal(
    [decision, seen],
    [{ allow: false, reason: 'no' }, '/v1/data/mine/answer?pretty=false&provenance=true'],
  );
  assert.throws(() => createOpa({ url: 'localhost' }), TypeError);
});

const PROBLEMS: [what: string, problem: string, answer: RequestListener][] = [
  ['a 200 without result', 'undefined', says(200, '{}')],
  ['a result that is only true', 'malformed', says(200, '{"result":true}')],
  ['a text that is no JSON', 'malformed', says(200, 'allow')],
  ['an allow that is no boolean', 'malformed', says(200, '{"result":{"allow":"yes","reason":"ok"}}')],
  ['an error of the engine', 'refused', says(500, '{"code":"internal_error","message":"boom"}')],
  ['an answer without end', 'malformed', (_, response) => void response.end(' '.repeat(1_000_000))],
  [
    'a redirect elsewhere',
    'unreachable',
    (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['a connection that is closed', 'unreachable', (request) => void request.socket.destroy()],
  [
    'an answer that is cut off',
    'unreachable',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"result":', () => response.destroy());
    },
  ],
];
for (const [what, problem, answer] of PROBLEMS) {
  test(`${what} is ${problem}`, async () => {
    assert.is((await failure(await serve(answer))).problem, problem);
  });
}
test('a missing engine is unreachable, and the cause is kept for the log', async () => {
  const failed = await failure(`http://127.0.0.1:${await freePort()}`);
  assert.is(failed.problem, 'unreachable');
  assert.ok(failed.cause instanceof Error);
});
test('an engine that does not answer is abandoned at the deadline', async () => {
  const url = await serve(() => {});
  const start = performance.now();
  assert.is((await failure(url, 100)).problem, 'slow');
  assert.ok(performance.now() - start >= 95);
});
test('an engine that begins to answer and does not end is given up at the same deadline', async () => {
  const url = await serve((_, response) => void response.writeHead(200).write('{"result":{'));
  assert.is((await failure(url, 100)).problem, 'slow');
});
test('the deadline is a quarter of a second by default', async () => {
  const url = await serve(() => {});
  const failed = await createOpa({ url })
    .decide(ALLOWED)
    .catch((error: unknown) => error);
  assert.match(failed instanceof OpaFailed ? failed.message : '', /within 250 ms/);
});

const opa = findOpa();
const check = opa === undefined ? test.skip : test;
let engine: OpaServer | undefined;
test.after(() => engine?.stop());
/** More time than users give it, for the machine that tests run on may be busy. */
const real = (path = '') => patient(`${engine?.url}${path}`);

check('a real OPA decides, and its decision has an id', async () => {
  const mine = fileURLToPath(new URL('own-rule.rego', import.meta.url));
  engine = await serveOpa(opa ?? '', [POLICY, mine]);
  const { decisionId, ...decision } = await real().decide(ALLOWED);
  assert.equal(decision, { allow: true, reason: 'ok', mask: ['email', 'phone', 'ssn'] });
  assert.match(decisionId ?? '', /^[\da-f-]{36}$/);
});
check('a real OPA refuses with rule and reason', async () => {
  const { decisionId, ...decision } = await real().decide(inputOf('jira.search', ['pii:read']));
  assert.type(decisionId, 'string');
  assert.equal(decision, {
    allow: false,
    reason: 'missing scope: jira:read',
    rule: 'scope-held',
    mask: [],
  });
});
check('a real OPA that runs a policy of the operator on top of ours names the rule', async () => {
  const { decisionId, ...decision } = await real('/v1/data/company/decision').decide(ALLOWED);
  assert.type(decisionId, 'string');
  assert.equal(decision, { allow: false, reason: 'u42 is on leave', rule: 'on-leave' });
});
check('a real OPA without such a policy gives an undefined result', async () => {
  const failed = await real('/v1/data/nobody/decision')
    .decide(ALLOWED)
    .catch((error: unknown) => error);
  assert.is(failed instanceof OpaFailed ? failed.problem : failed, 'undefined');
});

test.run();
