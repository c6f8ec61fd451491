import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { auditQuery, auditTail, auditVerify, readMoment } from '../../src/governance/audit/command.js';
import { bench, ENTRY, linesOf, NOON, ran, recordsIn, rejection, scratch, written } from './logs.js';

const test = suite('audit/command');
const FILE = 'demo/2026-11-23.r1.jsonl';
const now = () => new Date('2026-11-23T13:00:00Z');

test('verify prints heads and counts, and 0 when every chain holds', async () => {
  const dir = await written(3);
  const { code, lines } = await ran((print) => auditVerify({ dir }, print));
  assert.is(code, 0);
  assert.equal(lines, [
    `head demo r1 3 ${recordsIn(dir)[2]?.hash}`,
    '3 records in 1 files: every chain holds',
  ]);
});

test('verify says where a chain is broken, and exits with 1', async () => {
  const dir = await written(3);
  const path = join(dir, FILE);
  writeFileSync(path, linesOf(path).join('\n').replace('alice', 'bob').concat('\n'));
  const { code, lines } = await ran((print) => auditVerify({ dir }, print));
  assert.is(code, 1);
  assert.is(lines[0], `BROKEN ${FILE}:1: changed: the line does not match its hash`);
  assert.is(lines.at(-1), '3 records in 1 files: broken in 1 places');
});

test('what verify printed is what it takes as heads kept elsewhere', async () => {
  const dir = await written(3);
  const before = await ran((print) => auditVerify({ dir }, print));
  const heads = before.lines.join('\n');
  assert.is((await ran((print) => auditVerify({ dir, heads }, print))).code, 0);
  rmSync(join(dir, 'demo'), { recursive: true });
  assert.is((await ran((print) => auditVerify({ dir }, print))).code, 0);
  const { code, lines } = await ran((print) => auditVerify({ dir, heads }, print));
  assert.is(code, 1);
  assert.match(lines[0] ?? '', 'BROKEN demo: removed: the log of r1 is gone');
});

test('query and tail print a line a record, for people or as it stands in the log', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append({
    kind: 'refused',
    tenant: undefined,
    issuer: undefined,
    status: 401,
    decision: { allow: false, reason: 'no token' },
  });
  clock.now = new Date('2026-11-23T12:01:00.000Z');
  await audit.append({ ...ENTRY, durationMs: 3.5 });
  await audit.close();
  const people = [
    `${NOON} (unknown)/r1#1 refused - - 401 (refused: no token)`,
    `2026-11-23T12:01:00.000Z demo/r1#1 outcome alice postgres.readonly ok 200 3.5 ms (allowed: scope held) issuer=http://localhost:3003 request=request-1`,
  ];
  assert.equal((await ran((print) => auditQuery({ dir }, print, now))).lines, people);
  assert.equal((await ran((print) => auditTail({ dir, lines: '5' }, print))).lines, people);
  const json = await ran((print) => auditQuery({ dir, json: true, user: 'alice', since: '2h' }, print, now));
  assert.equal(json, { code: 0, lines: linesOf(join(dir, FILE)) });
  assert.equal((await ran((print) => auditQuery({ dir, since: '58m' }, print, now))).lines, [
    'no record matches',
  ]);
  const nothing = await ran((print) => auditQuery({ dir, since: '58m', json: true }, print, now));
  assert.equal(nothing.lines, [], 'a program that reads JSON gets nothing else');
  const until = await ran((print) => auditQuery({ dir, until: '2026-11-23T12:00:30Z' }, print, now));
  assert.equal(until.lines, people.slice(0, 1));
  assert.equal((await ran((print) => auditTail({ dir, tenant: 'other' }, print))).lines, [
    'there is no record yet',
  ]);
});

test('nothing that is printed moves a cursor, and JSON stays JSON', async () => {
  const { audit, dir } = await bench();
  const user = '\u001b[2J\u009b31m\u202e\nx\u2028\ud800';
  await audit.append({ ...ENTRY, principal: { ...ENTRY.principal, user }, requestId: user });
  await audit.close();
  for (const json of [true, false]) {
    const { lines } = await ran((print) => auditTail({ dir, json }, print));
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? '', /^[\x20-\x7e]+$/);
    if (json) assert.is(JSON.parse(lines[0] ?? '').principal.user, user);
  }
});

test('query says when there were lines that it could not read', async () => {
  const dir = await written(1);
  writeFileSync(join(dir, FILE), 'nonsense\n', { flag: 'a' });
  const { code, lines } = await ran((print) => auditQuery({ dir }, print, now));
  assert.is(code, 1);
  assert.is(lines.at(-1), '1 lines are no records; audit verify says where');
});

test('a time is a moment, or how long ago', () => {
  const rows: [text: string, expected: string][] = [
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T09:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T09:00:00.250+02:00', '2026-11-23T07:00:00.250Z'],
    ['90s', '2026-11-23T12:58:30.000Z'],
    ['30m', '2026-11-23T12:30:00.000Z'],
    ['2h', '2026-11-23T11:00:00.000Z'],
    ['7d', '2026-11-16T13:00:00.000Z'],
  ];
  for (const [text, expected] of rows)
    assert.is(readMoment('--since', text, now()).toISOString(), expected, text);
  for (const text of ['', 'yesterday', '2026-13-01', '1', '2w', '-2h']) {
    assert.throws(
      () => readMoment('--since', text, now()),
      (error: Error) => error instanceof RangeError,
    );
  }
});

test('an option that cannot be read is reported in one clear line', async () => {
  const dir = await written(1);
  const nothing = join(scratch(), 'nothing');
  const print = () => {};
  const rows: [run: () => Promise<unknown>, message: string][] = [
    [
      () => auditTail({ dir, lines: '-1' }, print),
      '--lines: expected a whole number from 0 to 10000, received "-1"',
    ],
    [
      () => auditTail({ dir, lines: 'x' }, print),
      '--lines: expected a whole number from 0 to 10000, received "x"',
    ],
    [
      () => auditVerify({ dir, from: 'monday' }, print),
      '--from: expected a day like 2026-11-23, received "monday"',
    ],
    [() => auditVerify({ dir, tenant: 'Demo' }, print), `--tenant: there is no log of "Demo" in ${dir}`],
    [
      () => auditQuery({ dir, since: 'x' }, print, now),
      '--since: expected a time like 2026-11-23T09:00Z or 12h, received "x"',
    ],
    [() => auditVerify({ dir: nothing }, print), `there is no audit log in ${nothing}`],
    [() => auditQuery({ dir: nothing }, print, now), `there is no audit log in ${nothing}`],
  ];
  for (const [run, message] of rows) {
    const error = await rejection(run());
    assert.instance(error, RangeError);
    assert.is(error.message, message);
  }
});

test.run();
