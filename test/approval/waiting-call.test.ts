/** A call that waits for a person, over approvals that the test decides: what runs, and what a refused use leaves behind. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Basis } from '../../src/governance/approval/basis.js';
import type {
  ApprovalOutcome,
  ApprovalRequests,
  ApprovalStatus,
} from '../../src/governance/approval/waiting/approving.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { Fault } from '../../src/wire/fault.js';
import { closeGuarded, counted, guarded, type Json } from '../endpoint/guarded.js';
import { modernCall } from '../http/wire.js';
import { inHeldTime } from '../support/time.js';
import { until } from '../support/until.js';

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

const OTHER_BASIS: [changed: string, basis: (own: Basis) => Basis][] = [
  ['the tool', (own) => ({ ...own, tool: '0'.repeat(64) })],
  ["the server's version", (own) => ({ ...own, version: '0.0.9' })],
  ['the policy', (own) => ({ ...own, policy: 'older' })],
];
for (const [changed, basisOf] of OTHER_BASIS) {
  test(`an approved call does not run when ${changed} has changed since, and the caller reads why`, async () => {
    const { status, uses } = approval(true);
    if (status.kind !== 'approved') throw new Error('not approved');
    const answers: ApprovalStatus[] = [];
    const { call, runs, asked } = await serverWith(answers);
    await call(NO_PAGES);
    const own = asked();
    assert.ok(own);
    answers.push({ ...status, basis: basisOf(own) });
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

test.run();
