/** Files with a date in the future: one that somebody planted gets no records, one written by a wrong clock is continued. */

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tailAudit } from '../../src/governance/audit/tail.js';
import { within } from '../support/until.js';
import { bench, ENTRY, linesOf, recordsIn, scratch, verified, written } from './logs.js';

const test = suite('audit/future');
const TODAY = 'demo/2026-11-23.r1.jsonl';
const FUTURE = 'demo/2099-01-01.r1.jsonl';

test('an empty file dated in the future attracts no record, and the log reports it', async () => {
  const dir = await written(2);
  writeFileSync(join(dir, FUTURE), '');
  const { audit, notices, clock } = await bench({ dir });
  await audit.append({ ...ENTRY, requestId: 'request-3' });
  clock.now = new Date('2026-11-24T12:00:00.000Z');
  await audit.append({ ...ENTRY, requestId: 'request-4' });
  await audit.close();
  assert.is(readFileSync(join(dir, FUTURE), 'utf8'), '');
  assert.is(linesOf(join(dir, TODAY)).length, 4);
  assert.is(linesOf(join(dir, 'demo/2026-11-24.r1.jsonl')).length, 2);
  assert.equal(notices, ['demo future', 'demo future']);
  assert.equal(recordsIn(dir)[2]?.notice, { what: 'future', file: '2099-01-01.r1.jsonl' });
  const { breaches, records } = await verified(dir);
  assert.equal([breaches, records], [0, 6]);
});
test('an empty file dated in the future is there first, and still attracts no record', async () => {
  const dir = join(scratch(), 'audit');
  mkdirSync(join(dir, 'demo'), { recursive: true });
  writeFileSync(join(dir, FUTURE), '');
  const { audit } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.is(linesOf(join(dir, TODAY)).length, 2);
  assert.is((await verified(dir)).breaches, 0);
});
test('half a line in a file dated in the future attracts no record', async () => {
  const dir = await written(1);
  writeFileSync(join(dir, FUTURE), '{"half a');
  const { audit } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.is(linesOf(join(dir, TODAY)).length, 3);
  assert.is((await verified(dir)).breaches, 0);
});
test('a copy of an old record in a file dated in the future attracts no record, and is found', async () => {
  const dir = await written(3);
  appendFileSync(join(dir, FUTURE), `${linesOf(join(dir, TODAY))[0]}\n`);
  const { audit, notices } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(notices, ['demo future']);
  assert.is(linesOf(join(dir, TODAY)).length, 5);
  assert.is(linesOf(join(dir, FUTURE)).length, 1);
  assert.equal((await verified(dir)).said, ['notice 4', 'added 1']);
});
test('a record that somebody adds to a file dated in the future does not attract what this process writes', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append(ENTRY);
  const [line = ''] = linesOf(join(dir, TODAY));
  appendFileSync(join(dir, FUTURE), `${line.replace('"seq":1,', '"seq":99,')}\n`);
  clock.now = new Date('2026-11-24T12:00:00.000Z');
  await audit.append(ENTRY);
  await audit.close();
  assert.is(linesOf(join(dir, 'demo/2026-11-24.r1.jsonl')).length, 2);
  assert.is(linesOf(join(dir, FUTURE)).length, 1);
});
test('records that a clock in the future wrote are followed where they are, and the chain holds', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append(ENTRY);
  clock.now = new Date('2099-01-01T00:00:00.000Z');
  await audit.append(ENTRY);
  await audit.close();
  const again = await bench({ dir });
  await again.audit.append(ENTRY);
  await again.audit.close();
  assert.equal(again.notices, ['demo future']);
  assert.is(linesOf(join(dir, FUTURE)).length, 3);
  const { breaches, records } = await verified(dir);
  assert.equal([breaches, records], [0, 4]);
});
test('tail goes on following a log beside which a file dated in the future was put', async () => {
  const { audit, dir } = await bench({ clock: () => new Date() });
  await audit.append({ ...ENTRY, requestId: 'first' });
  const [line = ''] = linesOf(join(dir, `demo/${new Date().toISOString().slice(0, 10)}.r1.jsonl`));
  appendFileSync(join(dir, FUTURE), `${line.replace('first', 'later')}\n`);
  const stop = new AbortController();
  const heard: (string | undefined)[] = [];
  const follow = async () => {
    for await (const { record } of tailAudit(dir, { follow: true, signal: stop.signal })) {
      heard.push(record.requestId);
      if (heard.length === 2) await audit.append({ ...ENTRY, requestId: 'second' });
      if (heard.length === 3) stop.abort();
    }
  };
  await within(follow(), 'three records').finally(() => stop.abort());
  await audit.close();
  assert.equal(heard.slice(0, 2).sort(), ['first', 'later']);
  assert.equal(heard.slice(2), ['second']);
});

test.run();
