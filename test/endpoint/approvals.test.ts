/** Calls that wait for a person, over HTTP: each way back to the caller, and what each step leaves in the log. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import type { Approver } from '../../src/governance/approval/approval.js';
import { recordSteps } from '../../src/governance/approval/approval-steps.js';
import { type Approvals, createApprovals } from '../../src/governance/approval/approvals.js';
import { createApproving } from '../../src/governance/approval/waiting/approving.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { faulty } from '../audit/disks.js';
import { bench, recordsIn } from '../audit/logs.js';
import { legacy, modernCall } from '../http/wire.js';
import { until } from '../support/until.js';
import { type Answer, at, closeGuarded, counted, guarded, type Json } from './guarded.js';
import { Peer } from './legacy-peer.js';

const test = suite('endpoint/approvals');
test.after(closeGuarded);

const WRITES = { scope: 'bench:write' };
const TASKS = 'io.modelcontextprotocol/tasks';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};
const inputSchema = { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false };

async function waiting(
  given: {
    state?: SharedState;
    tokenApprovals?: boolean;
    fs?: ReturnType<typeof faulty>['fs'];
    slack?: boolean;
    pages?: string;
  } = {},
) {
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true, inputSchema });
  const audit = await bench(given.fs === undefined ? {} : { fs: given.fs });
  const { state = createMemoryState(now), tokenApprovals = true, pages = 'https://pages.example' } = given;
  const notified: string[] = [];
  let ids = 0;
  let waits = 0;
  const made = createApprovals({
    state,
    server: 'bench',
    keys: [Buffer.alloc(32, 1)],
    clock: now,
    newId: () => `id-${++ids}`,
    onStep: recordSteps({ log: audit.audit }),
  });
  const approvals: Approvals = {
    ...made,
    waitForDecision: (id, signal) => {
      waits += 1;
      return made.waitForDecision(id, signal);
    },
  };
  const door = await guarded({
    tools: [tool],
    tasks: true,
    sessions: { most: 10, idleMs: 60_000 },
    policy: createPolicy({ name: 'bench', clock: now, state, tokenApprovals }),
    approving: createApproving(
      approvals,
      (id) => `${pages}/approvals/${id}`,
      ({ id }) => void notified.push(id),
      given.slack === undefined ? {} : { hasCard: () => given.slack === true },
    ),
    audit: { log: audit.audit },
  });
  const approver: Approver = { issuer: door.issuer.issuer, user: 'bob', tenant: 'default', via: 'page' };
  return {
    ...door,
    runs,
    clock,
    approvals,
    notified,
    /** Resolves when a call waits for a person. */
    held: () => until(() => waits > 0, 'a call waits for its decision'),
    fault: audit,
    decide: (id: string, approve = true, comment = '') =>
      approvals.decide(id, approver, { approve, comment }),
    records: () =>
      recordsIn(audit.dir, 'default').map(({ kind, outcome, approvalId }) =>
        [kind, outcome, approvalId].filter(Boolean).join(' '),
      ),
  };
}

/** Where a refused call says that it can be approved. */
function approvalIn({ body }: Answer): { id: string; url: string; expiresAt: string } {
  const data = body.error?.data as { approval?: { id: string; url: string; expiresAt: string } } | undefined;
  if (data?.approval === undefined) throw new Error(`no approval in ${JSON.stringify(body)}`);
  return data.approval;
}

const alone = (args: Json = { n: 1 }) => modernCall('write', { [CAPABILITIES]: {} }, 1, args);
const withPages = (args: Json = { n: 1 }, more: Json = {}) =>
  modernCall('write', { [CAPABILITIES]: { elicitation: { url: {} }, ...more } }, 1, args);

test('a client that cannot be asked is told where a person can approve, and the same request then runs, once', async () => {
  const { post, token, decide, runs, records } = await waiting();
  const call = async () => {
    const { body, headers } = alone();
    return post(token(WRITES), body, headers);
  };
  const refused = await call();
  assert.is(refused.status, 403);
  const approval = approvalIn(refused);
  assert.is(refused.body.error?.data?.scope, 'bench:write approved:by:human');
  assert.equal([approval.id, approval.url], ['id-1', 'https://pages.example/approvals/id-1']);
  const minutes = (Date.parse(approval.expiresAt) - Date.now()) / 60_000;
  assert.ok(minutes > 14.9 && minutes <= 15, `${minutes}`);
  assert.match(refused.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/);
  assert.equal(approvalIn(await call()).id, 'id-1');
  assert.is(runs(), 0);

  await decide('id-1');
  assert.is((await call()).status, 200);
  assert.is(runs(), 1);
  const second = await call();
  assert.is(second.status, 403);
  assert.is.not(approvalIn(second).id, 'id-1');
  assert.is(runs(), 1);
  assert.equal(records(), [
    'approval asked id-1',
    'refused refused id-1',
    'refused refused id-1',
    'approval approved id-1',
    'approval consumed id-1',
    'intent id-1',
    'outcome ok id-1',
    'approval replay-refused id-1',
    `approval asked ${approvalIn(second).id}`,
    `refused refused ${approvalIn(second).id}`,
  ]);
});

test('a legacy client gets the refusal in band, with the page in the message and the scopes in the data, and then the refusal by the person', async () => {
  for (const tokenApprovals of [true, false]) {
    const { post, token, decide, runs } = await waiting({ tokenApprovals });
    const opened = await post(token(WRITES), legacy('initialize', HANDSHAKE));
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const call = () =>
      post(token(WRITES), legacy('tools/call', { name: 'write', arguments: { n: 1 } }), session);
    const refused = await call();
    const text = 'a person must approve this call: https://pages.example/approvals/id-1';
    assert.equal([refused.status, refused.body.error?.message], [200, `Forbidden: ${text}`]);
    assert.is(approvalIn(refused).url, 'https://pages.example/approvals/id-1');
    // Where a token can bring an approval as well, the refusal names both ways on; elsewhere it does not name one that would not help.
    const scope = tokenApprovals ? 'bench:write approved:by:human' : undefined;
    assert.is(refused.body.error?.data?.scope, scope);
    const challenge = refused.headers.get('www-authenticate');
    assert.is(challenge?.includes(`error_description="${text}"`), tokenApprovals ? true : undefined);
    await decide('id-1', false, 'no');
    const again = await call();
    assert.equal([again.status, again.body.error?.code], [200, 403]);
    assert.match(again.body.error?.message ?? '', 'a person refused this call: no');
    assert.is(runs(), 0);
    assert.is((await post(token(WRITES), legacy('tools/list', {}), session)).body.error, undefined);
  }
});

test('Slack is mentioned only if it is configured, and never in the data', async () => {
  const { post, token } = await waiting({ slack: true });
  const { body, headers } = alone();
  const refused = await post(token(WRITES), body, headers);
  const page = 'https://pages.example/approvals/id-1';
  const said = `Forbidden: a person must approve this call: ${page} (or its Slack card)`;
  assert.equal([refused.status, refused.body.error?.message], [403, said]);
  assert.equal(Object.keys(approvalIn(refused)), ['id', 'url', 'expiresAt']);
});

test('the page is in the challenge unchanged, whatever its address contains', async () => {
  const { post, token } = await waiting({ pages: 'https://pages.example/"a b"\\ä' });
  const { body, headers } = alone();
  const refused = await post(token(WRITES), body, headers);
  const page = 'https://pages.example/%22a%20b%22/%C3%A4/approvals/id-1';
  assert.is(approvalIn(refused).url, page);
  assert.match(refused.headers.get('www-authenticate') ?? '', `must approve this call: ${page}", scope=`);
});

test('a call with one changed argument, or of another caller, is another call', async () => {
  const { post, token, decide, runs } = await waiting();
  const send = async (args: Json, claims: Json = {}) => {
    const { body, headers } = alone(args);
    return (await post(token({ ...WRITES, ...claims }), body, headers)).status;
  };
  await send({ n: 1 });
  await decide('id-1');
  assert.is(await send({ n: 2 }), 403);
  assert.is(await send({}), 403);
  assert.is(await send({ n: 1 }, { sub: 'eve' }), 403);
  assert.is(await send({ n: 1 }, { client_id: 'other' }), 403);
  assert.is(await send({ n: 1 }, { tenant: 'other' }), 403);
  assert.is(runs(), 0);
  assert.is(await send({ n: 1 }), 200);
});

test('an approval that was not used in time is void, and the call asks again', async () => {
  const { post, token, decide, clock, runs, records } = await waiting();
  const { body, headers } = alone();
  await post(token(WRITES), body, headers);
  await decide('id-1');
  clock.ahead = 15 * 60_000;
  const late = await post(token(WRITES), body, headers);
  assert.is(late.status, 403);
  assert.is(runs(), 0);
  assert.equal(records().slice(2), [
    'approval approved id-1',
    'approval expired id-1',
    `approval asked ${approvalIn(late).id}`,
    `refused refused ${approvalIn(late).id}`,
  ]);
});

test('a call that a person has refused is refused with their words, and no token would help', async () => {
  const { post, token, decide, runs } = await waiting();
  const { body, headers } = alone();
  await post(token(WRITES), body, headers);
  await decide('id-1', false, 'not on Fridays');
  const refused = await post(token(WRITES), body, headers);
  assert.is(refused.status, 403);
  assert.is(refused.body.error?.message, 'Forbidden: a person refused this call: not on Fridays');
  assert.is(refused.headers.get('www-authenticate'), null);
  assert.is(runs(), 0);
});

test('nobody is asked about a call that could not run, or that lacks a scope', async () => {
  const { post, token, approvals, issuer } = await waiting();
  const bad = alone({ n: 'one' });
  assert.is((await post(token(WRITES), bad.body, bad.headers)).body.result?.isError, true);
  const { body, headers } = alone();
  assert.is((await post(token({ scope: 'other' }), body, headers)).status, 403);
  assert.equal(await approvals.pending({ issuer: issuer.issuer, tenant: 'default' }), []);
});

test('an approval in the token counts, unless calls have to be approved one by one', async () => {
  const approved = { scope: 'bench:write approved:by:human', approved_at: at(0) };
  const either = await waiting();
  const { body, headers } = alone();
  assert.is((await either.post(either.token(approved), body, headers)).status, 200);
  const strict = await waiting({ tokenApprovals: false });
  const refused = await strict.post(strict.token(approved), body, headers);
  // No token would help, so none is asked for.
  assert.equal([refused.status, refused.headers.get('www-authenticate')], [403, null]);
  assert.equal(Object.keys(refused.body.error?.data ?? {}), ['reason', 'remediation', 'approval']);
  const less = await strict.post(strict.token({ scope: 'other' }), body, headers);
  assert.is(less.body.error?.data?.scope, 'bench:write');
  await strict.decide('id-1');
  assert.is((await strict.post(strict.token(approved), body, headers)).status, 200);
});

type Rounds = Json & {
  resultType: string;
  inputRequests: { approval: { params: Json } };
  requestState: string;
};

test('a client that can open a page is asked to, and its retry is held until somebody has decided', async () => {
  const { post, token, decide, runs, records, held: isHeld } = await waiting();
  const { body, headers } = withPages();
  const first = (await post(token(WRITES), body, headers)).body.result as Rounds;
  assert.is(first.resultType, 'input_required');
  assert.equal(first.inputRequests.approval.params, {
    mode: 'url',
    message: 'write changes something: a person has to approve this call.',
    url: 'https://pages.example/approvals/id-1',
  });
  const retry = JSON.parse(body) as { params: Json };
  retry.params.requestState = first.requestState;
  retry.params.inputResponses = { approval: { action: 'accept' } };
  const held = post(token(WRITES), JSON.stringify(retry), headers);
  await isHeld();
  assert.is(runs(), 0, 'opening the page is not an approval');
  await decide('id-1');
  assert.is((await held).body.result?.resultType, 'complete');
  assert.is(runs(), 1);
  assert.equal(records(), [
    'approval asked id-1',
    'outcome input_required id-1',
    'approval approved id-1',
    'approval consumed id-1',
    'intent id-1',
    'outcome ok id-1',
  ]);
});

test('no answer of a client is an approval, whatever it says, and a refusal is a refusal', async () => {
  const { post, token, runs, decide, held: isHeld } = await waiting();
  const { body, headers } = withPages();
  const { requestState } = (await post(token(WRITES), body, headers)).body.result as Rounds;
  const answering = async (answer: unknown, state: unknown = requestState) => {
    const retry = JSON.parse(body) as { params: Json };
    Object.assign(retry.params, { requestState: state, inputResponses: { approval: answer } });
    return post(token(WRITES), JSON.stringify(retry), headers);
  };
  assert.is((await answering({ action: 'decline' })).status, 403);
  assert.is((await answering({ action: 'cancel' })).status, 403);
  assert.is(
    (await answering({ action: 'approve' })).body.result?.resultType,
    'input_required',
    'an invalid answer does not count',
  );
  assert.match((await answering({ action: 'accept' }, 'made up')).body.error?.message ?? '', /requestState/);
  const held = answering({ action: 'accept', content: { approved: true, state: 'approved', by: 'bob' } });
  await isHeld();
  await decide('id-1', false);
  assert.is((await held).status, 403);
  assert.is(runs(), 0);
});

test('a client with tasks is given one, which waits for the person and then goes on', async () => {
  const { post, token, decide, runs, records } = await waiting();
  const { body, headers } = withPages({ n: 1 }, { extensions: { [TASKS]: {} } });
  const { taskId, resultType } = (await post(token(WRITES), body, headers)).body.result as Json;
  assert.is(resultType, 'task');
  const speak = async (method: string, params: Json) => {
    const _meta = (JSON.parse(body) as { params: { _meta: Json } }).params._meta;
    const sent = legacy(method, { taskId, ...params, _meta }, 2);
    const about = { ...headers, 'mcp-method': method, 'mcp-name': String(taskId) };
    return (await post(token(WRITES), sent, about)).body.result as Json;
  };
  const status = (wanted: string) =>
    until(async () => {
      const task = await speak('tasks/get', {});
      return task.status === wanted && task;
    }, `the task is ${wanted}`);
  await status('input_required');
  // Opening the page approves nothing, and nobody is sent there twice: a key stands for one question (ext-tasks/sep-2663/012).
  await speak('tasks/update', { inputResponses: { approval: { action: 'accept' } } });
  assert.is((await speak('tasks/get', {})).status, 'working');
  assert.is(runs(), 0);
  await decide('id-1');
  const { result } = await status('completed');
  assert.equal((result as Json).content, [{ type: 'text', text: 'done' }]);
  assert.is(runs(), 1);
  assert.equal(records().sort(), [
    'approval approved id-1',
    'approval asked id-1',
    'approval consumed id-1',
    'intent id-1',
    'outcome ok id-1',
    'outcome task id-1',
  ]);
});

test('a legacy client in a session is sent to the page on its stream, and is notified when it is done', async () => {
  const { url, token, decide, runs, held } = await waiting();
  const authorization = `Bearer ${token(WRITES)}`;
  const peer = await Peer.open(url, { elicitation: { url: {} } }, '2025-11-25', { authorization });
  const reader = await peer.call(2, 'write', { n: 1 });
  const asked = await reader.message('elicitation/create');
  assert.equal((asked.params as Json).url, 'https://pages.example/approvals/id-1');
  await peer.post({ jsonrpc: '2.0', id: asked.id, result: { action: 'accept' } });
  await held();
  assert.is(runs(), 0);
  await decide('id-1');
  assert.equal(await reader.message('notifications/elicitation/complete'), {
    jsonrpc: '2.0',
    method: 'notifications/elicitation/complete',
    params: { elicitationId: 'id-1' },
  });
  assert.equal(((await reader.message(2)).result as Json).content, [{ type: 'text', text: 'done' }]);
  assert.is(runs(), 1);
});

test('a call that nobody decides in time ends with the refusal, and does not ask forever', async () => {
  const { url, token, clock, runs, records, held } = await waiting();
  const always = { authorization: `Bearer ${token(WRITES)}` };
  const peer = await Peer.open(url, { elicitation: { url: {} } }, '2025-11-25', always);
  const reader = await peer.call(2, 'write', { n: 1 });
  const asked = await reader.message('elicitation/create');
  await peer.post({ jsonrpc: '2.0', id: asked.id, result: { action: 'accept' } });
  await held();
  clock.ahead = 15 * 60_000;
  const { error } = await reader.until(() => reader.messages.find(({ id }) => id === 2));
  assert.is((error as { code: number }).code, 403);
  assert.is(runs(), 0);
  assert.equal(
    records().map((record) => record.replace(/ id-\d+$/, '')),
    ['approval asked', 'approval expired', 'refused refused'],
    'nobody is asked about a call whose caller has gone',
  );
});

test('a call that outlives its token does not run, and its approval waits for the next token', async () => {
  const { url, token, clock, runs, decide, post, held } = await waiting();
  const always = { authorization: `Bearer ${token({ ...WRITES, exp: at(300) })}` };
  const peer = await Peer.open(url, { elicitation: { url: {} } }, '2025-11-25', always);
  const reader = await peer.call(2, 'write', { n: 1 });
  const asked = await reader.message('elicitation/create');
  await peer.post({ jsonrpc: '2.0', id: asked.id, result: { action: 'accept' } });
  await held();
  clock.ahead = 400_000;
  await decide('id-1');
  const { error } = await reader.until(() => reader.messages.find(({ id }) => id === 2));
  assert.is((error as { code: number }).code, 401);
  assert.is(runs(), 0);
  const { body, headers } = alone();
  assert.is((await post(token(WRITES), body, headers)).status, 200);
  assert.is(runs(), 1);
});

test('while approvals cannot be read or recorded, nothing runs', async () => {
  const state = createMemoryState(() => new Date());
  const broken = await waiting({
    state: { ...state, update: () => Promise.reject(new StateUnavailable('away')) },
  });
  const { body, headers } = alone();
  const away = await broken.post(broken.token(WRITES), body, headers);
  assert.equal([away.status, away.headers.get('retry-after')], [503, '5']);
  const { fs, fault } = faulty();
  const full = await waiting({ fs });
  await full.post(full.token(WRITES), body, headers);
  fault.write = 'ENOSPC';
  const unsaid = await full.decide('id-1').catch((error: Error) => error.name);
  assert.is(unsaid, 'AuditUnavailable');
  // The decision could not be recorded, so the call still waits for one.
  assert.is((await full.post(full.token(WRITES), body, headers)).status, 403);
  assert.is(full.runs(), 0);
});

test('a full audit disk leaves the approval usable, and leaves the decision open that it could not record', async () => {
  for (const broken of ['write', 'sync'] as const) {
    const { fs, fault } = faulty();
    const { post, token, decide, runs, approvals, issuer, records } = await waiting({ fs });
    const { body, headers } = alone();
    const call = async () => (await post(token(WRITES), body, headers)).status;
    await call();
    fault[broken] = 'ENOSPC';
    assert.is(await decide('id-1').catch((error: Error) => error.name), 'AuditUnavailable');
    assert.equal(
      (await approvals.pending({ issuer: issuer.issuer, tenant: 'default' })).map(({ id, state }) => [
        id,
        state,
      ]),
      [['id-1', 'pending']],
      'an approval that is not recorded does not count',
    );
    fault[broken] = undefined;
    await decide('id-1');
    fault[broken] = 'ENOSPC';
    assert.is(await call(), 503);
    assert.is(await call(), 503);
    assert.is(runs(), 0);
    fault[broken] = undefined;
    assert.is(await call(), 200, `${broken}: the same approval is still valid for the call that never ran`);
    assert.is(runs(), 1);
    assert.is(await call(), 403);
    assert.is(runs(), 1);
    assert.ok(records().includes('approval consumed id-1'));
    assert.ok(records().includes('approval voided id-1'));
  }
});

test('a request for approval that cannot be recorded is asked again, and its approver is notified then', async () => {
  const { fs, fault } = faulty();
  const { post, token, notified } = await waiting({ fs });
  const { body, headers } = alone();
  fault.write = 'ENOSPC';
  assert.is((await post(token(WRITES), body, headers)).status, 503);
  assert.equal(notified, []);
  fault.write = undefined;
  const { id } = approvalIn(await post(token(WRITES), body, headers));
  assert.equal(notified, [id]);
});

test('answers that do not belong to a question of this call are refused and leave its approval usable', async () => {
  const { post, token, decide, runs } = await waiting();
  const { body, headers } = alone();
  await post(token(WRITES), body, headers);
  await decide('id-1');
  const forged = JSON.parse(body) as { params: Json };
  forged.params.requestState = 'made up';
  const refused = await post(token(WRITES), JSON.stringify(forged), headers);
  assert.match(refused.body.error?.message ?? '', /requestState/);
  assert.is((await post(token(WRITES), body, headers)).status, 200);
  assert.is(runs(), 1);
});

test('the pages of a server may post to it under its public URL, and no other page may', async () => {
  const door = await guarded({ url: 'https://mcp.example.com/mcp' });
  const status = async (origin: string) => (await door.post('', '{}', { origin })).status;
  assert.is(await status('https://mcp.example.com'), 401, 'it gets as far as the token check');
  assert.is(await status('http://mcp.example.com'), 403);
  assert.is(await status('https://other.example.com'), 403);
});

test.run();
