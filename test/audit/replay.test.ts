/** `audit replay`: which past calls other settings, or another policy, would decide otherwise. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReplay } from '../../src/app/commands/audit-replay.js';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { auditReplay } from '../../src/governance/audit/reports.js';
import { findOpa, POLICY } from '../policy/opa-binary.js';
import { bench, ENTRY, NOON, rejection } from './logs.js';
import { closeOn } from './vectors.js';

const test = suite('audit/replay');
const folder = mkdtempSync(join(tmpdir(), 'barewire-rego-'));
test.after(() => rmSync(folder, { recursive: true }));
const opa = findOpa();
const withOpa = opa === undefined ? test.skip : test;
const noon = Date.parse(NOON) / 1000;
const APPROVED = 'approved:by:human';
const small = { destructive: false, payloadChars: 20 };

const write = (more: Partial<AuditEntry>): AuditEntry => ({
  ...ENTRY,
  tool: 'jira.create',
  scopes: { held: ['jira:write'], needed: ['jira:write', APPROVED] },
  ...more,
});

/** In the order of the log. */
const CALLS: readonly AuditEntry[] = [
  { ...ENTRY, callId: 'read', policyInput: small },
  { ...ENTRY, callId: 'large', policyInput: { ...small, payloadChars: 3000 } },
  {
    ...ENTRY,
    kind: 'refused',
    callId: 'too-large',
    policyInput: { ...small, payloadChars: 60_000 },
    decision: { allow: false, reason: 'payload too large (> 8 KB)' },
  },
  write({
    callId: 'approved',
    policyInput: { destructive: true, payloadChars: 50, callApprovedAt: noon - 300 },
  }),
  write({
    callId: 'with-a-token',
    scopes: { held: ['jira:write', APPROVED], needed: ['jira:write', APPROVED] },
    policyInput: { destructive: true, payloadChars: 50, tokenApprovedAt: noon - 600 },
  }),
  write({
    kind: 'refused',
    callId: 'waiting',
    policyInput: { destructive: true, payloadChars: 50 },
    decision: { allow: false, reason: 'destructive tool requires fresh human approval (Slack card)' },
  }),
  { ...ENTRY, callId: 'of-an-earlier-version' },
  // None of these is a call that the policy decided.
  write({ kind: 'intent', callId: 'approved', policyInput: { destructive: true, payloadChars: 50 } }),
  { ...ENTRY, callId: 'a-task', outcome: 'task', policyInput: small },
  {
    ...ENTRY,
    kind: 'refused',
    decision: { allow: false, reason: 'this server is switched off' },
    policyInput: small,
  },
  {
    ...ENTRY,
    kind: 'refused',
    scopes: { held: [], needed: [] },
    decision: { allow: false, reason: 'headers' },
  },
  { ...ENTRY, method: 'resources/read' },
];

async function log(calls = CALLS): Promise<string> {
  const { audit, dir } = await bench();
  for (const call of calls) await audit.append(call);
  await audit.close();
  return dir;
}

async function replayed(dir: string, flags: Parameters<typeof readReplay>[0], json = false) {
  const lines: string[] = [];
  const replay = readReplay(flags, { env: {}, home: '/nowhere' } as never);
  const code = await auditReplay(
    { dir, json },
    replay,
    (line) => lines.push(line),
    () => new Date(),
  );
  return { code, lines };
}

const EARLIER =
  '1 calls cannot be decided again: an earlier version recorded them, without what the policy was asked';

test('under the same settings every call is decided as before, also from compressed days', async () => {
  const dir = await log();
  const same = { code: 0, lines: [EARLIER, '6 calls decided again: 6 as before'] };
  assert.equal(await replayed(dir, {}), same);
  await closeOn('2026-11-30', dir);
  assert.equal(await replayed(dir, {}), same);
});

test('other settings refuse calls that were allowed, and the rule is named', async () => {
  const dir = await log();
  const capped = await replayed(dir, { 'payload-cap': 'postgres.readonly=1000' });
  assert.equal(capped, {
    code: 1,
    lines: [
      `${NOON} demo postgres.readonly by alice: was allowed, is now refused by payload-cap: payload too large for postgres.readonly (> 1000 characters) (call large)`,
      EARLIER,
      '6 calls decided again: 5 as before, 1 now refused (payload-cap 1)',
    ],
  });
  const { lines } = await replayed(dir, { approval: 'call' });
  assert.match(lines[0] ?? '', 'was allowed, is now refused by approval-fresh');
  assert.match(lines[0] ?? '', '(call with-a-token)');
  assert.is(lines.length, 3);
  const json = await replayed(dir, { approval: 'call' }, true);
  const { was, now, callId } = JSON.parse(json.lines[0] ?? '');
  assert.equal([was.allow, now.rule, callId, json.lines.length], [true, 'approval-fresh', 'with-a-token', 1]);
});

test('quotas are counted again if a quota is given, and stay as they were otherwise', async () => {
  const spent: AuditEntry = {
    ...ENTRY,
    kind: 'refused',
    callId: 'spent',
    policyInput: { ...small, quotaSpent: true },
    decision: { allow: false, reason: 'quota spent' },
  };
  const dir = await log([...Array<AuditEntry>(3).fill({ ...ENTRY, policyInput: small }), spent]);
  assert.is((await replayed(dir, {})).code, 0);
  const { lines } = await replayed(dir, { quota: '2' });
  assert.equal(lines.at(-1), '4 calls decided again: 3 as before, 1 now refused (quota 1)');
  assert.match(
    (await replayed(dir, { quota: '0' })).lines[0] ?? '',
    'was refused (quota spent), is now allowed (call spent)',
  );
});

test('a log without calls says so', async () => {
  assert.equal((await replayed(await log([write({ kind: 'intent' })]), {})).lines, ['no call matches']);
});

const rego = (change: (text: string) => string): string => {
  const file = join(folder, 'policy.rego');
  writeFileSync(file, change(readFileSync(POLICY, 'utf8')));
  return file;
};

/** With only this folder on the PATH. */
async function withPath<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    return await run();
  } finally {
    process.env.PATH = PATH;
  }
}

withOpa('a policy file decides with a real Open Policy Agent', async () => {
  const dir = await log();
  const decide = (change: (text: string) => string) =>
    withPath([dirname(opa ?? ''), process.env.PATH].join(delimiter), () =>
      replayed(dir, { policy: rego(change) }),
    );
  assert.equal(await decide((text) => text), {
    code: 0,
    lines: [EARLIER, '6 calls decided again: 6 as before'],
  });
  const { lines } = await decide((text) =>
    text.replace('approval_window_s := 900', 'approval_window_s := 400'),
  );
  assert.equal(lines.at(-1), '6 calls decided again: 5 as before, 1 now refused (approval-fresh 1)');
  const own = join(dirname(POLICY), '../../../test/opa/own-rule.rego');
  const ours = await withPath([dirname(opa ?? ''), process.env.PATH].join(delimiter), () =>
    replayed(dir, { policy: `${POLICY},${own}` }),
  );
  assert.is(ours.code, 0, ours.lines.join());
  const undecided = await decide((text) =>
    text.replaceAll('decision := {"allow": true', 'other := {"allow": true'),
  );
  assert.match(undecided.lines.join('\n'), /4 calls cannot be decided again: OPA gave no decision/);
  const error = await rejection(decide(() => 'package barewire\n\ndecision := {'));
  assert.match(error.message, /^--policy: opa cannot decide: .*rego_parse_error/s);
});

test('without the program opa, or without the file, the error says what is missing', async () => {
  const dir = await log();
  const error = await rejection(withPath('/nowhere', () => replayed(dir, { policy: POLICY })));
  assert.is(error.message, '--policy: needs the program opa (Open Policy Agent), which is not on the PATH');
  assert.throws(() => readReplay({ policy: 'no.rego' }, {} as never), /--policy: there is no file "no.rego"/);
});

test.run();
