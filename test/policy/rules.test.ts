/** Each rule by itself: a title begins with the id of the rule without which it fails. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Opa } from '../../src/governance/policy/opa/ask.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import {
  neededScopes,
  type PolicyServer,
  type PolicyToken,
  type QuotaOutcome,
} from '../../src/governance/policy/question.js';
import { explain, POLICY_VERSION, policy_decide, RULES } from '../../src/governance/policy/rules.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('policy/rules');

const NOW = 1_700_000_000;
const SERVER: PolicyServer = {
  name: 'internal-destructive-mcp',
  tools: new Map([
    ['jira.create', { required_scope: 'jira:write', destructive: true, payload_cap: 100 }],
    ['jira.search', { required_scope: 'jira:read', destructive: false }],
  ]),
};
const TOKEN: PolicyToken = {
  user: 'u42',
  scopes: ['jira:write', 'approved:by:human'],
  approved_at: NOW - 60,
};
const READER: PolicyToken = { user: 'u42', scopes: ['jira:read'], approved_at: undefined };
const SPENT: QuotaOutcome = { allow: false, retryAfterS: 12 };
const APPROVAL = 'destructive tool requires fresh human approval (Slack card)';

/** The rule that refuses and its reason, or `ok`. */
function verdict(tool: string, token: PolicyToken, args: unknown, quota?: QuotaOutcome): string {
  const decision = policy_decide(SERVER, tool, token, args, NOW, quota);
  return decision.allow ? decision.reason : `${decision.rule}: ${decision.reason}`;
}

test('tool-known: a name that the server does not have is refused, inherited ones too', () => {
  assert.is(verdict('jira.delete', TOKEN, {}), 'tool-known: no such tool: jira.delete');
  assert.is(verdict('constructor', TOKEN, {}), 'tool-known: no such tool: constructor');
  assert.is(verdict('jira.create', TOKEN, {}), 'ok');
});
test('scope-held: only the exact scope is accepted', () => {
  for (const scope of ['jira', 'jira:*', 'Jira:Write', 'jira:write ', 'jira:write jira:read']) {
    const token = { ...TOKEN, scopes: [scope, 'approved:by:human'] };
    assert.is(verdict('jira.create', token, {}), 'scope-held: missing scope: jira:write');
  }
});
test('approval-fresh: a destructive call needs an approval of the last fifteen minutes', () => {
  const approvedAt = (approved_at: number | undefined) =>
    verdict('jira.create', { ...TOKEN, approved_at }, {});
  assert.is(approvedAt(NOW - 900), 'ok');
  assert.is(approvedAt(NOW - 900.001), `approval-fresh: ${APPROVAL}`);
  assert.is(approvedAt(undefined), `approval-fresh: ${APPROVAL}`);
  assert.is(approvedAt(Number.NaN), `approval-fresh: ${APPROVAL}`);
  const unasked = { ...TOKEN, scopes: ['jira:write'] };
  assert.is(verdict('jira.create', unasked, {}), `approval-fresh: ${APPROVAL}`);
  assert.is(verdict('jira.search', READER, {}), 'ok');
});
test('payload-size: 8192 characters pass and 8193 do not', () => {
  const sized = (chars: number) => verdict('jira.search', READER, 'x'.repeat(chars - '""'.length));
  assert.is(sized(8_192), 'ok');
  assert.is(sized(8_193), 'payload-size: payload too large (> 8 KB)');
});
test('payload-cap: a tool may have a lower limit', () => {
  const sized = (chars: number) => verdict('jira.create', TOKEN, 'x'.repeat(chars - '""'.length));
  assert.is(sized(100), 'ok');
  assert.is(sized(101), 'payload-cap: payload too large for jira.create (> 100 characters)');
});
test('quota: an empty bucket refuses what every other rule lets through', () => {
  assert.is(verdict('jira.search', READER, {}, { allow: true, retryAfterS: 0 }), 'ok');
  assert.is(verdict('jira.search', READER, {}, SPENT), 'quota: quota spent');
  assert.is(verdict('jira.create', READER, {}, SPENT), 'scope-held: missing scope: jira:write');
});

test('an explanation has every rule once, in the order of evaluation', () => {
  const question = { server: SERVER, tool: 'jira.create', token: TOKEN, args: { title: 'x' }, now: NOW };
  assert.equal(
    [...explain(question)].map(({ rule, outcome, detail }) => `${rule}: ${outcome}, ${detail}`),
    [
      'tool-known: pass, internal-destructive-mcp has jira.create',
      'scope-held: pass, the token holds jira:write',
      'approval-fresh: pass, approved 60 s ago, of 900 s',
      'payload-size: pass, 14 of 8192 characters',
      'payload-cap: pass, 14 of 100 characters',
      'quota: skip, no quota was taken',
    ],
  );
});
test('an explanation says which rules have nothing to judge, and that a call was left', () => {
  const quota = { allow: true, retryAfterS: 0 };
  const steps = explain({ server: SERVER, tool: 'jira.search', token: READER, args: {}, now: NOW, quota });
  assert.equal(
    [...steps].map(({ rule, outcome, detail }) => `${rule}: ${outcome}, ${detail}`),
    [
      'tool-known: pass, internal-destructive-mcp has jira.search',
      'scope-held: pass, the token holds jira:read',
      'approval-fresh: skip, the tool is not destructive',
      'payload-size: pass, 2 of 8192 characters',
      'payload-cap: skip, the tool has no cap of its own',
      'quota: pass, a call was left',
    ],
  );
});
test('an explanation stops at the rule that denies, and says so for the others', () => {
  const token = { ...READER, scopes: ['jira:write'] };
  const question = { server: SERVER, tool: 'jira.create', token, args: {}, now: NOW, quota: SPENT };
  const steps = [...explain(question)];
  assert.equal(
    steps.map(({ outcome }) => outcome),
    ['pass', 'pass', 'deny', 'skip', 'skip', 'skip'],
  );
  assert.is(steps[2]?.detail, APPROVAL);
  assert.is(steps[5]?.detail, 'not reached, because approval-fresh denied');
});
test('a decision evaluates no rule after the one that denies', () => {
  const args = new Proxy([], {
    get() {
      throw new Error('the arguments were read');
    },
  });
  assert.is(verdict('jira.create', READER, args), 'scope-held: missing scope: jira:write');
  assert.throws(() => verdict('jira.search', READER, args), /were read/);
});
test('the version of the rules is a number, so that a record tells which of two rules is newer', () => {
  assert.match(POLICY_VERSION, /^[1-9]\d*$/);
});
test('every rule has an id of its own and a sentence', () => {
  assert.is(new Set(RULES.map(({ id }) => id)).size, 6);
  for (const { id, says } of RULES) assert.match(says, /^[A-Z].*\.$/, id);
});
test('a call needs its scope, and an approval where it is destructive', () => {
  assert.equal(neededScopes({ required_scope: 'a', destructive: false }), ['a']);
  assert.equal(neededScopes({ required_scope: 'a', destructive: true }), ['a', 'approved:by:human']);
});
test('a token has only what a policy may know of a principal', async () => {
  const principal = {
    issuer: 'https://issuer.example',
    user: 'u42',
    tenant: 'acme',
    clientId: 'demo',
    scopes: ['jira:read'],
    approvedAt: NOW,
    expiresAt: undefined,
  };
  let token: unknown;
  const opa: Opa = {
    async decide(input) {
      token = input.token;
      return { allow: true, reason: 'ok' };
    },
  };
  await createPolicy({ name: 'bench', clock: () => new Date(NOW), opa }).call(toolOf('t'), {}, principal);
  assert.equal(token, {
    user: 'u42',
    issuer: 'https://issuer.example',
    tenant: 'acme',
    scopes: ['jira:read'],
    approved_at: NOW,
  });
});

test.run();
