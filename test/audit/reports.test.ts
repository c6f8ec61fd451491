/** What `audit export`, `audit stats` and `audit query --call` print. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CSV_HEAD } from '../../src/governance/audit/export.js';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { auditExport, auditStats, auditStory, readFormat } from '../../src/governance/audit/reports.js';
import { bench, ENTRY, linesOf, printed } from './logs.js';

const test = suite('audit/reports');
const now = (): Date => new Date('2026-11-23T13:00:00.000Z');
const CAROL = { issuer: 'http://localhost:3003', user: 'carol', clientId: 'page' };
const WAITING = { allow: false, reason: 'a person must approve this call' };
const step = (outcome: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...ENTRY,
  kind: 'approval',
  requestId: undefined,
  tool: 'jira.create',
  approvalId: 'approval-1',
  outcome,
  status: undefined,
  decision: WAITING,
  ...more,
});

/** A call that is refused, shown, approved and run, another one by the same request id, and one of another tool. */
const STORY: readonly [second: number, entry: AuditEntry][] = [
  [0, { ...step('asked') }],
  [
    0,
    {
      ...ENTRY,
      kind: 'refused',
      tool: 'jira.create',
      outcome: 'refused',
      status: 403,
      callId: 'call-1',
      approvalId: 'approval-1',
      decision: WAITING,
    },
  ],
  [5, step('shown', { principal: CAROL })],
  [7, step('approved', { principal: CAROL, decision: { allow: true, reason: 'fine' } })],
  [10, step('consumed', { approver: { issuer: CAROL.issuer, user: 'carol', via: 'page' } })],
  [
    10,
    {
      ...ENTRY,
      kind: 'intent',
      tool: 'jira.create',
      outcome: undefined,
      status: undefined,
      callId: 'call-2',
      approvalId: 'approval-1',
    },
  ],
  [11, { ...ENTRY, tool: 'jira.create', callId: 'call-2', durationMs: 12 }],
  [12, { ...ENTRY, callId: 'call-3' }],
  [13, { ...ENTRY, tool: '=1+1', callId: 'call-4', requestId: 'a "quoted", one' }],
];

async function log(): Promise<string> {
  const { audit, dir, clock } = await bench();
  for (const [second, entry] of STORY) {
    clock.now = new Date(Date.UTC(2026, 10, 23, 12, 0, second));
    await audit.append(entry);
  }
  await audit.close();
  return dir;
}

test('the story of a call leads from any of its ids to the whole approval, and to no other call', async () => {
  const dir = await log();
  const lines = await printed((print) => auditStory({ dir, call: 'call-2' }, print));
  assert.equal(lines, [
    'jira.create on readonly, by alice of demo, 2026-11-23T12:00:00.000Z',
    '      +0.000 s  a person was asked: a person must approve this call',
    '      +0.000 s  was refused (403): a person must approve this call',
    '      +5.000 s  was shown to carol via page',
    '      +7.000 s  approved by carol via page: fine',
    '     +10.000 s  the approval was used, which carol gave via page',
    '     +10.000 s  is about to run, and this is on disk',
    '     +11.000 s  ended: ok (200) in 12 ms',
    'ids: approval-1 call-1 request-1 call-2',
  ]);
  for (const call of ['approval-1', 'call-1'])
    assert.equal(await printed((print) => auditStory({ dir, call }, print)), lines, call);
  const json = await printed((print) => auditStory({ dir, call: 'call-3', json: true }, print));
  assert.is(json.length, 1);
  assert.equal(await printed((print) => auditStory({ dir, call: 'call-9' }, print)), ['no record matches']);
});

test('an export has the lines of the log as they are, or a table that a spreadsheet cannot run', async () => {
  const dir = await log();
  const file = linesOf(join(dir, 'demo/2026-11-23.r1.jsonl'));
  assert.equal(await printed((print) => auditExport({ dir, format: 'jsonl' }, print, now)), file);
  const period = { since: '2026-11-23T12:00:12Z', until: '2026-11-23T12:00:13Z' };
  assert.equal(
    await printed((print) => auditExport({ dir, format: 'jsonl', ...period }, print, now)),
    file.slice(7, 8),
  );
  const rows = await printed((print) => auditExport({ dir, format: 'csv' }, print, now));
  const columns = CSV_HEAD.split(',');
  assert.is(rows.length, STORY.length);
  assert.is(rows[7]?.split(',').length, columns.length);
  assert.match(rows[8] ?? '', `,'=1+1,outcome,ok,200,,true,scope held,call-4,,"a ""quoted"", one",`);
  assert.throws(() => readFormat('xml'), /--format: expected jsonl or csv, received "xml"/);
});

test('statistics count calls by tool and outcome, refusals by reason, and steps of approvals', async () => {
  const dir = await log();
  const lines = await printed((print) => auditStats({ dir }, print, now));
  assert.equal(lines, [
    '9 records of 1 tenants and 2 users, from 2026-11-23T12:00:00.000Z to 2026-11-23T12:00:13.000Z',
    '  jira.create: 2 (ok 1, refused 1)',
    '  =1+1: 1 (ok 1)',
    '  postgres.readonly: 1 (ok 1)',
    'approvals: approved 1, asked 1, consumed 1, shown 1',
    'refusals by reason:',
    '  1 a person must approve this call',
  ]);
  assert.equal(await printed((print) => auditStats({ dir, since: '1m' }, print, now)), ['no record matches']);
});

test.run();
