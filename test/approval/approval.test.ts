import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  APPROVAL_TTL_MS,
  type Approval,
  type Approver,
  type Binding,
  bindingOf,
  isApproval,
  isExpired,
  isOfTenant,
  isOwn,
  keyOf,
  readableReason,
} from '../../src/governance/approval/approval.js';
import { applyDecision, breaksFourEyes, checkDecision } from '../../src/governance/approval/decision.js';
import { BOB, CALL } from './bench.js';

const test = suite('approval/approval');

const BINDING: Binding = bindingOf('s', CALL);
const PENDING: Approval = {
  ...BINDING,
  id: 'id-1',
  args: {},
  reason: 'because',
  createdAt: 1_000,
  expiresAt: 2_000,
  fourEyes: false,
  state: 'pending',
};
const ADA: Approver = { ...BOB, user: 'ada' };

test('an approval is valid for a quarter of an hour, but no longer at its very last moment', () => {
  assert.is(APPROVAL_TTL_MS, 900_000);
  assert.not(isExpired(PENDING, 1_999));
  assert.ok(isExpired(PENDING, 2_000));
});

test('its key follows from the server, the caller and the arguments, and from nothing else', () => {
  const key = keyOf(BINDING);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.is(keyOf(PENDING), key);
  for (const name of Object.keys(BINDING)) assert.is.not(keyOf({ ...BINDING, [name]: 'x' }), key, name);
  // The members cannot run into each other.
  assert.is.not(keyOf({ ...BINDING, server: 'a', tool: 'b' }), keyOf({ ...BINDING, server: 'ab', tool: '' }));
});

test('the reason that a person reads names no Slack card', () => {
  const read = (reason: string) => readableReason({ ...PENDING, reason });
  assert.is(read('needs an approval (Slack card)'), 'needs an approval');
  assert.is(read('a (Slack card) is needed'), 'a (Slack card) is needed');
});

test('a person is a user of one issuer, and a tenant belongs to one issuer', () => {
  const { issuer } = BINDING;
  assert.ok(isOwn(PENDING, { issuer, user: 'ada' }));
  assert.not(isOwn(PENDING, { issuer, user: 'bob' }));
  assert.not(isOwn(PENDING, { issuer: 'https://other.example', user: 'ada' }));
  assert.ok(isOfTenant(PENDING, { issuer, tenant: 'acme' }));
  assert.not(isOfTenant(PENDING, { issuer, tenant: 'other' }));
  assert.not(isOfTenant(PENDING, { issuer: 'https://other.example', tenant: 'acme' }));
});

test('a decision counts once, in time, for the request that was shown', () => {
  const why = (
    approval: Approval | undefined,
    { approver = BOB, approve = true, fourEyes = false, now = 1_999, id = 'id-1', seesAll = true } = {},
  ) => checkDecision(approval, id, { approver, approve, fourEyes, isOwn, now, seesAll });
  assert.is(why(PENDING), undefined);
  assert.equal(why(undefined), { kind: 'not-decided', why: 'unknown' });
  assert.equal(why(PENDING, { id: 'id-2' }), { kind: 'not-decided', why: 'unknown' });
  for (const state of ['approved', 'refused', 'consumed'] as const) {
    const approval = { ...PENDING, state };
    assert.equal(why(approval), { kind: 'not-decided', why: 'decided', approval });
  }
  assert.equal(why(PENDING, { now: 2_000 }), { kind: 'not-decided', why: 'expired', approval: PENDING });
});

test('four eyes are required if this replica or the one that asked requires them, and never for a withdrawal', () => {
  const own = (asked: boolean, here: boolean, approve = true, approver = ADA) =>
    checkDecision({ ...PENDING, fourEyes: asked }, 'id-1', {
      approver,
      approve,
      fourEyes: here,
      isOwn,
      now: 1_500,
      seesAll: true,
    })?.why;
  assert.equal([own(false, false), own(true, false), own(false, true)], [undefined, 'own', 'own']);
  assert.equal([own(true, true, false), own(true, true, true, BOB)], [undefined, undefined]);
});

test('an approval that people gave themselves does not count where four eyes are required', () => {
  const by = (
    user: string | undefined,
    fourEyes: boolean,
    here: boolean,
    state: Approval['state'] = 'approved',
  ) =>
    breaksFourEyes(
      {
        ...PENDING,
        fourEyes,
        state,
        ...(user === undefined ? {} : { decidedBy: { issuer: BOB.issuer, user } }),
      },
      { fourEyes: here, isOwn },
    );
  assert.equal([by('ada', true, false), by('ada', false, true)], [true, true]);
  assert.equal([by(undefined, true, false), by(undefined, false, true)], [true, true]);
  assert.equal([by('ada', false, false), by('bob', true, true)], [false, false]);
  for (const state of ['pending', 'refused', 'consumed'] as const) assert.not(by('ada', true, true, state));
});

test('a decision says who made it, where, when, and what they said', () => {
  const decided = { decidedBy: { issuer: BOB.issuer, user: 'bob' }, decidedVia: 'page', decidedAt: 1_500 };
  const approved = applyDecision(PENDING, BOB, { approve: true, comment: ' fine ' }, 1_500);
  assert.equal(approved, { ...PENDING, ...decided, state: 'approved', comment: 'fine' });
  const refused = applyDecision(PENDING, BOB, { approve: false, comment: 'x'.repeat(501) }, 1_500);
  assert.equal(refused, { ...PENDING, ...decided, state: 'refused', comment: `${'x'.repeat(497)}...` });
});

test('a comment, which reaches the caller, has no control characters and no half characters', () => {
  const comment = 'Not\ton\na \u001b[31mFriday\u202e \u{1f642}';
  assert.is(
    applyDecision(PENDING, BOB, { approve: false, comment }, 1_500).comment,
    'Not\ton\na [U+001B][31mFriday[U+202E] \u{1f642}',
  );
  const long = applyDecision(PENDING, BOB, { approve: false, comment: '\u{1f642}'.repeat(300) }, 1_500);
  assert.is(long.comment, `${'\u{1f642}'.repeat(248)}...`);
});

test('a row counts as an approval only if it has every member of one', () => {
  assert.ok(isApproval(PENDING));
  assert.ok(isApproval({ ...PENDING, resumes: 'repeats' }));
  assert.not.ok(isApproval({ ...PENDING, resumes: 'never' }));
  for (const state of ['pending', 'approved', 'refused', 'consumed'])
    assert.ok(isApproval({ ...PENDING, state }), state);
  const texts = ['id', 'server', 'tool', 'issuer', 'tenant', 'user', 'clientId', 'digest', 'reason', 'state'];
  for (const name of [...texts, 'fourEyes'])
    for (const value of [undefined, null, 1]) assert.not(isApproval({ ...PENDING, [name]: value }), name);
  for (const name of ['createdAt', 'expiresAt'])
    for (const value of [undefined, null, '1']) assert.not(isApproval({ ...PENDING, [name]: value }), name);
  for (const state of ['', 'expired', 'Approved']) assert.not(isApproval({ ...PENDING, state }));
});

test.run();
