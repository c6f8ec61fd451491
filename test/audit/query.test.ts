import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredRecord } from '../../src/governance/audit/lines.js';
import { type Query, queryAudit } from '../../src/governance/audit/query.js';
import { tailAudit } from '../../src/governance/audit/tail.js';
import { bench, ENTRY, scratch, written } from './logs.js';

const test = suite('audit/query');
const ALICE = ENTRY.principal;
const BOB = { ...ALICE, user: 'bob' };

/** Two tenants, two replicas, three days: request n at hour n of each day. */
async function filled(): Promise<string> {
  const dir = join(scratch(), 'audit');
  const replicas = [await bench({ dir }), await bench({ dir, replica: 'r2' })];
  for (const day of [23, 24, 25]) {
    for (let hour = 0; hour < 6; hour += 1) {
      const replica = replicas[hour % 2];
      if (replica === undefined) throw new Error('no replica');
      replica.clock.now = new Date(`2026-11-${day}T0${hour}:00:00Z`);
      await replica.audit.append({
        ...ENTRY,
        tenant: hour < 4 ? 'demo' : 'acme',
        requestId: `${day}-${hour}`,
        principal: hour % 3 === 0 ? BOB : ALICE,
        tool: hour === 3 ? 's3.list' : ENTRY.tool,
        kind: hour === 5 ? 'refused' : 'outcome',
      });
    }
  }
  for (const { audit } of replicas) await audit.close();
  return dir;
}

async function asked(dir: string, query: Query) {
  const ids: (string | undefined)[] = [];
  for await (const { record } of queryAudit(dir, query)) ids.push(record.requestId);
  return ids;
}

async function tailed(records: AsyncGenerator<StoredRecord>) {
  const ids: (string | undefined)[] = [];
  for await (const { record } of records) ids.push(record.requestId);
  return ids;
}

test('finds by tenant, user, tool, kind and time, each alone and all together', async () => {
  const dir = await filled();
  assert.is((await asked(dir, {})).length, 18);
  assert.equal(await asked(dir, { tenant: 'acme' }), ['23-4', '23-5', '24-4', '24-5', '25-4', '25-5']);
  assert.equal(await asked(dir, { user: 'bob' }), ['23-0', '23-3', '24-0', '24-3', '25-0', '25-3']);
  assert.equal(await asked(dir, { tool: 's3.list' }), ['23-3', '24-3', '25-3']);
  assert.equal(await asked(dir, { kind: 'refused' }), ['23-5', '24-5', '25-5']);
  assert.equal(await asked(dir, { since: new Date('2026-11-25T03:00:00Z') }), ['25-4', '25-5', '25-3']);
  const all = {
    tenant: 'demo',
    user: 'bob',
    tool: 's3.list',
    kind: 'outcome',
    since: new Date('2026-11-24'),
  };
  assert.equal(await asked(dir, all), ['24-3', '25-3']);
  assert.equal(await asked(dir, { tenant: 'nobody' }), []);
  assert.equal(await asked(dir, { user: 'carol' }), []);
});

test('records of several replicas come in the order of time', async () => {
  const ids = await asked(await filled(), { tenant: 'demo' });
  assert.is(ids.length, 12);
  assert.equal(ids, [...ids].sort());
});

test('a user is a user: an argument that looks like one is not found', async () => {
  const { audit, dir } = await bench();
  await audit.append({ ...ENTRY, args: { user: 'mallory' }, response: '"user":"mallory"' });
  await audit.append({ ...ENTRY, principal: { ...ALICE, user: 'o"\u2028x' } });
  await audit.close();
  assert.equal(await asked(dir, { user: 'mallory' }), []);
  assert.is((await asked(dir, { user: 'o"\u2028x' })).length, 1);
});

test('lines that are not records are counted, and the rest is found', async () => {
  const dir = await written(3);
  const path = join(dir, 'demo/2026-11-23.r1.jsonl');
  const shapeless = `{"seq":4,"prev":"","hash":"${'a'.repeat(64)}","time":7}`;
  appendFileSync(path, `nonsense\n${shapeless}\n`);
  const unreadable: [string, number][] = [];
  let found = 0;
  for await (const _ of queryAudit(dir, {}, (file, lines) => unreadable.push([file, lines]))) found += 1;
  assert.is(found, 3);
  assert.equal(unreadable, [['2026-11-23.r1.jsonl', 2]]);
});

test('a reader that stops early leaves no file open', async () => {
  const dir = await written(2000);
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let n = 0; n < 20; n += 1) {
    for await (const { record } of queryAudit(dir, {})) if (record.seq === 2) break;
    for await (const { record } of tailAudit(dir, { follow: true })) if (record.seq > 0) break;
  }
  assert.ok(open() <= before + 1, `${open() - before} more`);
});

test('tail gives the newest over all files, the newest last', async () => {
  const dir = await filled();
  assert.equal(await tailed(tailAudit(dir, { lines: 3 })), ['25-3', '25-4', '25-5']);
  assert.equal(await tailed(tailAudit(dir, { lines: 5, tenant: 'demo' })), [
    '24-3',
    '25-0',
    '25-1',
    '25-2',
    '25-3',
  ]);
  assert.is((await tailed(tailAudit(dir))).length, 10);
  assert.is((await tailed(tailAudit(dir, { lines: 100 }))).length, 18);
  assert.equal(await tailed(tailAudit(dir, { lines: 0 })), []);
});

test('tail finds enough records in front of a long end', async () => {
  const { audit, dir } = await bench({ maxChars: 200_000 });
  for (let n = 0; n < 30; n += 1)
    await audit.append({ ...ENTRY, requestId: `r${n}`, response: 'x'.repeat(50_000) });
  await audit.close();
  const expected = Array.from({ length: 10 }, (_, n) => `r${20 + n}`);
  assert.equal(await tailed(tailAudit(dir)), expected);
});

test('tail follows: new records, a new day and a new tenant, each once, until it is stopped', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append({ ...ENTRY, requestId: 'before' });
  const stop = new AbortController();
  const seen: (string | undefined)[] = [];
  const expected = ['before', 'one', 'two', 'tomorrow', 'acme'];
  const following = (async () => {
    for await (const { record } of tailAudit(dir, { follow: true, signal: stop.signal })) {
      seen.push(record.requestId);
      const next = expected[seen.length];
      if (next === undefined) stop.abort();
      if (next === 'tomorrow') clock.now = new Date('2026-11-24T00:00:00Z');
      const tenant = next === 'acme' ? 'acme' : 'demo';
      if (next !== undefined) await audit.append({ ...ENTRY, tenant, requestId: next });
    }
  })();
  await following;
  assert.equal(seen, expected);
  await audit.close();
});

test.run();
