/** A call that waits for a person, over approvals that the test decides: what runs, and what a refused use leaves behind. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Basis, basisOf } from '../../src/governance/approval/basis.js';
import { askInTask } from '../../src/governance/approval/waiting/approval-prompts.js';
import type {
  ApprovalOutcome,
  ApprovalRequests,
  ApprovalStatus,
  ApprovedCall,
} from '../../src/governance/approval/waiting/approving.js';
import { approvalPort } from '../../src/governance/approval/waiting/waiting-call.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { Fault } from '../../src/wire/fault.js';
import type { Decision } from '../../src/wire/mcp/decision.js';
import type { McpServer, ToolCall } from '../../src/wire/mcp/mcp-server.js';
import { TASKS_EXTENSION } from '../../src/wire/mcp/meta.js';
import type { TaskContext, TaskStore } from '../../src/wire/mcp/task-store.js';
import type { Transport } from '../../src/wire/mcp/transport.js';
import { NEWEST_LEGACY, type Revision } from '../../src/wire/revisions.js';
import { closeGuarded, counted, guarded, type Json } from '../endpoint/guarded.js';
import { modernCall } from '../http/wire.js';
import { exchangeOf, serverOf } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { until, within } from '../support/until.js';

const test = suite('approval/waiting-call');
test.after(closeGuarded);

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const NO_PAGES = { [CAPABILITIES]: {} };
const PAGES = { [CAPABILITIES]: { elicitation: { url: {} } } };
const notice = {
  id: 'id-1',
  url: 'https://pages.example/1',
  expiresAt: '2026-11-23T12:15:00Z',
  slack: false,
};
const WAITING: ApprovalStatus = { kind: 'waiting', notice };

/** An approval that a person gave, and how often a call tried to use it; an equal call may have been faster. */
function approval(isUsedNow: boolean): { status: ApprovalStatus & ApprovalOutcome; uses: () => number } {
  let uses = 0;
  const consume = async (record: () => Promise<void>) => {
    uses += 1;
    if (isUsedNow) await record();
    return isUsedNow;
  };
  return {
    status: { kind: 'approved', notice, approvedAt: Date.now() / 1_000, basis: undefined, consume },
    uses: () => uses,
  };
}

/** A server whose requests for approval have these answers, in this order; a call that waits for one gets `outcome`. */
async function serverWith(
  answers: ApprovalStatus[],
  outcome: ApprovalOutcome = { kind: 'over', why: 'gone' },
  wait: (signal: AbortSignal) => Promise<ApprovalOutcome> = async () => outcome,
) {
  let left = 0;
  let asked: Basis | undefined;
  const resumptions: unknown[] = [];
  // The approval rests on what the call rested on when it was asked about, unless the test says otherwise.
  const rested = <Status extends ApprovalStatus | ApprovalOutcome>(status: Status): Status =>
    status.kind === 'approved' ? { ...status, basis: status.basis ?? asked } : status;
  const approving: ApprovalRequests = {
    async ask({ basis, resumes }) {
      asked = basis;
      resumptions.push(resumes);
      return rested(answers.shift() ?? WAITING);
    },
    waitForDecision: async (_notice, signal) => rested(await wait(signal)),
    enter: () => () => {
      left += 1;
    },
  };
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true });
  let rules = 'older';
  const policy = {
    ...createPolicy({ name: 'bench', clock: () => new Date() }),
    revision: () => rules,
  };
  const { post, token } = await guarded({ tools: [tool], policy, approving });
  const call = (meta: object, params: Json = {}) => {
    const { headers, body } = modernCall('write', meta);
    const sent = JSON.parse(body) as { params: Json };
    Object.assign(sent.params, params);
    return post(token({ scope: 'bench:write' }), sent, headers);
  };
  const change = (): void => {
    rules = 'newer';
  };
  return { call, runs, left: () => left, asked: () => asked, resumptions, change };
}

test('a request for approval says how its call goes on after the decision', async () => {
  const { call, resumptions } = await serverWith([]);
  await call(NO_PAGES);
  await call(PAGES);
  assert.equal(resumptions, ['repeats', 'returns']);
});

test('the reason of a refusal reaches the caller, in the message and in the data', async () => {
  const { call, runs } = await serverWith([{ kind: 'refused', notice, comment: 'Not on a Friday.' }]);
  const { body, status } = await call(NO_PAGES);
  assert.is(status, 403);
  assert.is(body.error?.message, 'Forbidden: a person refused this call: Not on a Friday.');
  assert.is((body.error?.data?.approval as Json | undefined)?.comment, 'Not on a Friday.');
  assert.is(runs(), 0);
});

test('a call runs once, with an approval that it could use', async () => {
  const { status, uses } = approval(true);
  const { call, runs } = await serverWith([status]);
  assert.is((await call(NO_PAGES)).status, 200);
  assert.equal([runs(), uses()], [1, 1]);
});

test('a call does not run with an approval that an equal call has used: a person is asked again', async () => {
  const { status, uses } = approval(false);
  const { call, runs } = await serverWith([status, WAITING]);
  const refused = await call(NO_PAGES);
  assert.equal([refused.status, refused.body.error?.code], [403, 403]);
  assert.is((refused.body.error?.data?.approval as Json | undefined)?.id, 'id-1');
  assert.equal([runs(), uses()], [0, 1]);
});

test('a call that waited for an approval that an equal call has used does not run, and says why', async () => {
  const { status, uses } = approval(false);
  const { call, runs, left } = await serverWith([WAITING, WAITING], status);
  const { requestState } = (await call(PAGES)).body.result ?? {};
  const retry = { requestState, inputResponses: { approval: { action: 'accept' } } };
  const refused = await call(PAGES, retry);
  assert.is(refused.status, 403);
  assert.match(refused.body.error?.message ?? '', /the approval was used by an equal call/);
  assert.equal([runs(), uses(), left()], [0, 1, 1]);
});

test('a retry is held for twenty seconds, and then the client is asked again', () =>
  inHeldTime(async (time) => {
    let isHeld = false;
    const wait = (signal: AbortSignal) => {
      isHeld = true;
      return new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    };
    const { call, left } = await serverWith([], undefined, wait);
    const { requestState } = (await call(PAGES)).body.result ?? {};
    const retry = call(PAGES, { requestState, inputResponses: { approval: { action: 'accept' } } });
    await until(() => isHeld, 'the retry is held');
    await time.pass(19_999);
    assert.is(left(), 0);
    await time.pass(1);
    assert.is((await retry).body.result?.resultType, 'input_required');
    assert.is(left(), 1);
  }));

test('a held retry whose decision cannot be read any more says so, and gives up its place', async () => {
  const { call, left, runs } = await serverWith([], undefined, async () => {
    throw new Fault('unavailable', 'nobody can be asked');
  });
  const { requestState } = (await call(PAGES)).body.result ?? {};
  const retry = await call(PAGES, { requestState, inputResponses: { approval: { action: 'accept' } } });
  assert.equal([retry.status, left(), runs()], [503, 1, 0]);
});

test('a refusal says how a wait without a decision ended, in words and for programs', async () => {
  for (const [why, words, reason] of [
    ['expired', 'nobody approved this call in time', 'approval_expired'],
    ['gone', 'the request for approval is no longer there', 'approval_expired'],
    ['used', 'the approval was used by an equal call that waited for it as well', 'approval_used'],
  ] as const) {
    const { call, runs } = await serverWith([], { kind: 'over', why });
    const { requestState } = (await call(PAGES)).body.result ?? {};
    const ended = await call(PAGES, { requestState, inputResponses: { approval: { action: 'accept' } } });
    const { message, data } = ended.body.error ?? {};
    assert.is(message, `Forbidden: ${words}; send the call again, and a person is asked about it once more`);
    assert.equal([data?.reason, (data?.approval as Json | undefined)?.id, runs()], [reason, 'id-1', 0]);
  }
});

test('a caller with too many waiting calls is told so, and when to come back', async () => {
  const { call } = await serverWith([{ kind: 'too-many' }]);
  const { status, body, headers } = await call(NO_PAGES);
  assert.match(
    body.error?.message ?? '',
    /too many calls of yours or of your tenant are waiting for a person/,
  );
  assert.equal([status, headers.get('retry-after')], [429, '60']);
});

const OTHER_BASIS: [changed: string, otherBasis: (own: Basis) => Basis][] = [
  ['the tool', (own) => ({ ...own, tool: '0'.repeat(64) })],
  ["the server's version", (own) => ({ ...own, version: '0.0.9' })],
  ['the policy', (own) => ({ ...own, policy: 'older' })],
];
for (const [changed, otherBasis] of OTHER_BASIS) {
  test(`an approved call does not run when ${changed} has changed since, and the caller reads why`, async () => {
    const { status, uses } = approval(true);
    if (status.kind !== 'approved') throw new Error('not approved');
    const answers: ApprovalStatus[] = [];
    const { call, runs, asked } = await serverWith(answers);
    await call(NO_PAGES);
    const own = asked();
    assert.ok(own);
    answers.push({ ...status, basis: otherBasis(own) });
    const refused = await call(NO_PAGES);
    assert.is(refused.status, 403);
    assert.is(
      refused.body.error?.message,
      `Forbidden: ${changed} has changed since this call was approved, so it did not run; send it again, and a person is asked again`,
    );
    assert.equal([runs(), uses()], [0, 0]);
  });
}

test('a call whose policy changes after its approval was used up, and before its handler begins, does not run', async () => {
  const { status } = approval(true);
  if (status.kind !== 'approved') throw new Error('not approved');
  let change = (): void => {};
  const { consume } = status;
  const changing: ApprovalStatus = {
    ...status,
    async consume(...given) {
      const isUsed = await consume(...given);
      change();
      return isUsed;
    },
  };
  const server = await serverWith([changing]);
  change = server.change;
  const refused = await server.call(NO_PAGES);
  assert.is(refused.status, 403);
  assert.match(refused.body.error?.message ?? '', /the policy has changed since this call was approved/);
  assert.is(refused.body.error?.data?.reason, 'approval_outdated');
  assert.is(server.runs(), 0);
});

/** A call as the wire hands it to the port, from a client that can open pages. */
function callOver(
  revision: Revision,
  requests: Partial<ApprovalRequests>,
  {
    request,
    tasks,
    params = {},
  }: Pick<Transport, 'request'> & { tasks?: Partial<TaskStore>; params?: Json } = {},
) {
  const extensions = tasks === undefined ? {} : { [TASKS_EXTENSION]: {} };
  const capabilities = { elicitation: { url: {} }, extensions };
  const { exchange: context } = exchangeOf(revision, { capabilities, request });
  const { tool, runs } = counted('write', { scope: 'bench:write', destructive: true });
  const server: McpServer = { ...serverOf([tool]), tasks: tasks as TaskStore | undefined };
  const entry = server.catalog.entries.get('write');
  assert.ok(entry);
  const approving: ApprovalRequests = {
    ask: async () => WAITING,
    waitForDecision: async () => ({ kind: 'over', why: 'expired' }),
    enter: () => () => {},
    ...requests,
  };
  const message = {
    kind: 'request',
    id: 1,
    method: 'tools/call',
    params: { name: 'write', ...params },
  } as const;
  const call: ToolCall = { server, request: message, context, entry, args: {} };
  const run = () => approvalPort(approving).run(call, DECISION);
  /** The reason for programs of the refusal that the call ends with. */
  const refused = async (): Promise<unknown> => {
    return dataOf(await run()).reason;
  };
  return { run, refused, runs, call, context, server, approving };
}

const DECISION: Decision = { allow: false, reason: 'a person has to approve', approvable: true };
/** The data of a refusal, for programs. */
const dataOf = (fault: unknown): Json => {
  assert.instance(fault, Fault);
  return (fault as Fault).data as Json;
};
const usable = (call: () => ToolCall, consume: ApprovedCall['consume']): ApprovedCall => ({
  ...{ kind: 'approved', notice, approvedAt: 7, consume },
  basis: basisOf(call().entry.tool, call().server),
});

test('a refusal is returned, and a bug is thrown', async () => {
  const fault = new Fault('unavailable', 'nobody can be asked');
  assert.is(await callOver('2026-07-28', { ask: () => Promise.reject(fault) }).run(), fault);
  const bug = new TypeError('a bug');
  const thrown = callOver('2026-07-28', { ask: () => Promise.reject(bug) }).run();
  const error = await thrown.then(
    () => 'returned',
    (reason: unknown) => reason,
  );
  assert.is(error, bug);
});

test('only a client of 2025-11-25 to which a question can be sent is asked on its stream', async () => {
  let questions = 0;
  const request = async (): Promise<Json> => {
    questions += 1;
    return { action: 'accept' };
  };
  assert.is(await callOver('2025-06-18', {}, { request }).refused(), 'approval_required');
  assert.is(await callOver(NEWEST_LEGACY, {}).refused(), 'approval_required');
  assert.is(questions, 0);
  assert.is(await callOver(NEWEST_LEGACY, {}, { request }).refused(), 'approval_expired');
  assert.is(questions, 1);
});

test('a client that declines the question on its stream does not wait for a decision', async () => {
  const request = async () => ({ action: 'decline' });
  assert.is(await callOver(NEWEST_LEGACY, {}, { request }).refused(), 'approval_required');
});

test('a client that declines the question of a task ends the task, and nothing watches the request any more', async () => {
  const signals: AbortSignal[] = [];
  const waitForDecision: ApprovalRequests['waitForDecision'] = (_notice, signal) => {
    signals.push(signal);
    return new Promise(() => {});
  };
  const { call, approving } = callOver('2026-07-28', { waitForDecision });
  const task = { signal: new AbortController().signal, ask: async () => ({ action: 'decline' }) };
  const prompt = askInTask(
    { call, decision: DECISION, requests: approving, resumes: 'waits' },
    task as unknown as TaskContext,
  );
  const error = await within(
    prompt(notice).catch((thrown: unknown) => thrown),
    'the end of the question',
  );
  assert.is(dataOf(error).reason, 'approval_required');
  assert.equal(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

test('a call that is decided already becomes no task, and one that gets no task is refused', async () => {
  const full = new Fault('quotaSpent', 'no room');
  const tasks = { checkRoom: () => undefined, start: () => full };
  const refused: ApprovalStatus = { kind: 'refused', notice, comment: '' };
  assert.is(
    await callOver('2026-07-28', { ask: async () => refused }, { tasks }).refused(),
    'approval_refused',
  );
  assert.is(await callOver('2026-07-28', {}, { tasks }).run(), full);
  const used: ApprovedCall['consume'] = async () => true;
  const approved = callOver('2026-07-28', { ask: async () => usable(() => approved.call, used) }, { tasks });
  assert.equal(((await approved.run()) as Json).content, [{ type: 'text', text: 'done' }]);
  assert.is(approved.runs(), 1);
});

test('a refusal without a comment has none in its message or its data', async () => {
  const { run } = callOver('2026-07-28', { ask: async () => ({ kind: 'refused', notice, comment: '' }) });
  const fault = (await run()) as Fault;
  assert.is(fault.message, 'Forbidden: a person refused this call');
  const { id, url, expiresAt } = notice;
  assert.equal(dataOf(fault).approval, { id, url, expiresAt });
});

test('a call that did not use its approval up keeps nothing of it', async () => {
  const bug = new TypeError('a bug');
  for (const consume of [async () => false, () => Promise.reject(bug)]) {
    const statuses = [(): ApprovalStatus => usable(() => made.call, consume), () => WAITING];
    const made = callOver('2026-07-28', { ask: async () => (statuses.shift() ?? (() => WAITING))() });
    await made.run().catch(() => {});
    const { authorization } = made.context;
    assert.equal([authorization.decision, authorization.approvedAt], [DECISION, undefined]);
    assert.not('outdated' in made.call);
    assert.is(made.runs(), 0);
  }
});

test('once its handler began, an approved call goes on whatever changes', async () => {
  const used: ApprovedCall['consume'] = async () => true;
  const made = callOver('2026-07-28', { ask: async () => usable(() => made.call, used) });
  await made.run();
  assert.is(made.runs(), 1);
  made.server.info = { ...made.server.info, version: 'newer' };
  made.context.handlerBegan = true;
  assert.is(made.call.outdated?.(), undefined);
  made.context.handlerBegan = false;
  const fault = made.call.outdated?.();
  assert.is(dataOf(fault).reason, 'approval_outdated');
  assert.is((dataOf(fault).approval as Json).id, 'id-1');
});

test('the state of rounds means nothing in a call of an older revision', async () => {
  const used: ApprovedCall['consume'] = async (record) => record().then(() => true);
  const requests = { ask: async () => usable(() => made.call, used) };
  const recorded: unknown[] = [];
  const made = callOver(NEWEST_LEGACY, requests, { params: { requestState: 'nonsense' } });
  made.server.audit = {
    ...{ outcome: (_call, reply) => reply, taskEnded: async () => undefined, rejected: async () => {} },
    close: async () => {},
    intent: async (call) => {
      recorded.push(call.context.authorization.approvedAt);
      return new Fault('unavailable', 'the record failed');
    },
  };
  const answer = (await made.run()) as Fault;
  assert.match(answer.message, /the record failed/);
  assert.equal(recorded, [7]);
});

test.run();
