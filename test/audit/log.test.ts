import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { realFs } from '../../src/governance/audit/disk.js';
import { turn, until } from '../support/until.js';
import { bench, ENTRY, filesIn, NOON, recordsIn, rejection, verified, written } from './logs.js';

const test = suite('audit/log');
const FILE = 'demo/2026-11-23.r1.jsonl';

/** The real file system, which counts syncs of log files and can make them slow. */
function counting() {
  const count = { syncs: 0, writes: 0, running: 0, most: 0 };
  const slow: { until: (() => Promise<unknown>) | undefined } = { until: undefined };
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      return {
        write: (bytes, offset, length) => {
          count.writes += 1;
          return file.write(bytes, offset, length);
        },
        datasync: async () => {
          count.syncs += 1;
          count.running += 1;
          count.most = Math.max(count.most, count.running);
          await slow.until?.();
          await file.datasync();
          count.running -= 1;
        },
        truncate: (length) => file.truncate(length),
        stat: () => file.stat(),
        close: () => file.close(),
      };
    },
  };
  return { fs, count, slow };
}

test('a record is a line of the tenant, day and replica when its promise resolves', async () => {
  const { audit, dir } = await bench();
  await audit.append(ENTRY);
  assert.is(recordsIn(dir).length, 1);
  assert.equal(filesIn(dir), [FILE]);
  assert.is(statSync(join(dir, FILE)).mode & 0o077, 0);
  assert.is(statSync(join(dir, 'demo')).mode & 0o077, 0);
  await audit.close();
  assert.equal(filesIn(dir), [FILE, 'demo/r1.head']);
});

test('lines are in the order of the calls, no matter who waits for what', async () => {
  const { audit, dir } = await bench();
  const done: number[] = [];
  const appends = Array.from({ length: 500 }, async (_, n) => {
    if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    const request = done.push(n);
    await audit.append({ ...ENTRY, requestId: String(request) }, { durable: n % 3 === 0 });
  });
  await Promise.all(appends);
  const expected = Array.from({ length: 500 }, (_, n) => String(n + 1));
  assert.equal(
    recordsIn(dir).map(({ requestId }) => requestId),
    expected,
  );
  assert.equal(
    recordsIn(dir).map(({ seq }) => seq),
    expected.map(Number),
  );
  await audit.close();
  assert.equal((await verified(dir)).said, []);
});

test('the entry is read at the call: later changes to it do not show', async () => {
  const { audit, dir } = await bench();
  const args = { sql: 'select 1' };
  const appended = audit.append({ ...ENTRY, args });
  args.sql = 'drop table customers';
  await appended;
  assert.equal(recordsIn(dir)[0]?.args, { sql: 'select 1' });
  await audit.close();
});

test('one fdatasync serves everybody who waits for the disk, and none happens for those who do not', async () => {
  const { fs, count, slow } = counting();
  const { audit } = await bench({ fs });
  await Promise.all(Array.from({ length: 100 }, () => audit.append(ENTRY)));
  assert.is(count.syncs, 0);
  await Promise.all(Array.from({ length: 100 }, () => audit.append(ENTRY, { durable: true })));
  assert.is(count.syncs, 1);

  // 100 clients, one call after another: calls that arrive during one sync share the next.
  slow.until = turn;
  count.writes = 0;
  const client = async () => {
    for (let n = 0; n < 10; n += 1) await audit.append(ENTRY, { durable: true });
  };
  await Promise.all(Array.from({ length: 100 }, client));
  assert.ok(count.syncs <= 100, `${count.syncs} syncs for 1000 records`);
  assert.ok(count.writes <= 200, `${count.writes} writes for 1000 records`);
  await audit.close();
});

test('all records of a turn of the event loop share a write at its end', async () => {
  const { fs, count } = counting();
  const { audit } = await bench({ fs });
  await audit.append(ENTRY);
  count.writes = 0;
  let hasEnded = false;
  setImmediate(() => {
    hasEnded = true;
  });
  await Promise.all(Array.from({ length: 50 }, () => audit.append(ENTRY)));
  assert.ok(hasEnded);
  assert.is(count.writes, 1);
  await audit.close();
});

test('a durable record is on disk before its promise resolves', async () => {
  const { fs, count, slow } = counting();
  const { audit } = await bench({ fs });
  let finish = (): void => {};
  slow.until = () =>
    new Promise<void>((resolve) => {
      finish = resolve;
    });
  await audit.append(ENTRY);
  assert.is(count.syncs, 0);
  let isKept = false;
  const kept = audit.append(ENTRY, { durable: true }).then(() => {
    isKept = true;
  });
  await until(() => count.running === 1, 'the disk is at work');
  await turn();
  assert.is(isKept, false);
  slow.until = undefined;
  finish();
  await kept;
  assert.is(count.syncs, 1);
  await audit.close();
});

test('only a few syncs run at a time over all tenants, and none is forgotten', async () => {
  const { fs, count, slow } = counting();
  const { audit, dir } = await bench({ fs });
  const tenants = Array.from({ length: 12 }, (_, n) => `t${n}`);
  await Promise.all(tenants.map((tenant) => audit.append({ ...ENTRY, tenant })));
  slow.until = turn;
  await Promise.all(tenants.map((tenant) => audit.append({ ...ENTRY, tenant }, { durable: true })));
  assert.is(count.syncs, 12);
  assert.is(count.most, 2);
  await audit.close();
  assert.equal((await verified(dir)).said, []);
});

test('a new day is a new file, and its first record follows the last of the day before', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append(ENTRY);
  const before = audit.append({ ...ENTRY, requestId: 'before' });
  clock.now = new Date('2026-11-24T00:00:00.000Z');
  await Promise.all([before, audit.append(ENTRY, { durable: true })]);
  clock.now = new Date('2026-12-01T08:00:00.000Z');
  await audit.append(ENTRY);
  await audit.close();
  const days = filesIn(dir).filter((name) => name.endsWith('.jsonl'));
  assert.equal(days, [FILE, 'demo/2026-11-24.r1.jsonl', 'demo/2026-12-01.r1.jsonl']);
  const records = recordsIn(dir);
  assert.equal(
    records.map(({ seq, time }) => [seq, time.slice(0, 10)]),
    [
      [1, '2026-11-23'],
      [2, '2026-11-23'],
      [3, '2026-11-24'],
      [4, '2026-12-01'],
    ],
  );
  for (const n of [1, 2, 3]) assert.is(records[n]?.prev, records[n - 1]?.hash);
  assert.equal((await verified(dir)).said, []);
});

test('the file of a day is on disk before the next one is begun', async () => {
  const { fs, count } = counting();
  const { audit, clock } = await bench({ fs });
  await audit.append(ENTRY);
  assert.is(count.syncs, 0);
  clock.now = new Date('2026-11-24T00:00:00.000Z');
  await audit.append(ENTRY);
  assert.is(count.syncs, 1);
  await audit.close();
});

test('a clock that goes back opens no earlier file, now or after a restart', async () => {
  const { audit, dir, clock } = await bench();
  await audit.append(ENTRY);
  clock.now = new Date('2026-11-22T23:00:00.000Z');
  await audit.append(ENTRY);
  await audit.close();
  const again = await bench({ dir });
  again.clock.now = new Date('2026-11-20T00:00:00.000Z');
  await again.audit.append(ENTRY);
  await again.audit.close();
  assert.equal(filesIn(dir), [FILE, 'demo/r1.head']);
  // The log reports that its file has a later date than the clock.
  assert.equal([again.notices, (await verified(dir)).said], [['demo future'], ['notice 3']]);
});

test('a chain goes on where the last process left it, days later too', async () => {
  const dir = await written(3);
  const { audit, clock } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  const later = await bench({ dir });
  clock.now = later.clock.now = new Date('2027-01-05T00:00:00.000Z');
  await later.audit.append(ENTRY);
  await later.audit.close();
  assert.equal(
    recordsIn(dir).map(({ seq }) => seq),
    [1, 2, 3, 4, 5],
  );
  const { said, records, files, heads } = await verified(dir);
  assert.equal([said, records, files], [[], 5, 2]);
  assert.is(heads[0]?.hash, recordsIn(dir).at(-1)?.hash);
});

test('tenants and replicas have chains of their own in one directory', async () => {
  const first = await bench();
  const second = await bench({ dir: first.dir, replica: 'r2' });
  const both = [first.audit, second.audit];
  for (const tenant of ['a', 'b', 'a', 'b'])
    for (const audit of both) await audit.append({ ...ENTRY, tenant });
  await Promise.all(both.map((audit) => audit.close()));
  const { said, heads } = await verified(first.dir);
  assert.equal(said, []);
  assert.equal(
    heads.map(({ folder, replica, seq }) => [folder, replica, seq]),
    [
      ['a', 'r1', 2],
      ['a', 'r2', 2],
      ['b', 'r1', 2],
      ['b', 'r2', 2],
    ],
  );
});

test('no more files are open than allowed, and a tenant that was evicted goes on', async () => {
  let [open, most] = [0, 0];
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      open += 1;
      most = Math.max(most, open);
      const close = file.close.bind(file);
      file.close = () => {
        open -= 1;
        return close();
      };
      return file;
    },
  };
  const { audit, dir, tick } = await bench({ fs, maxOpen: 3 });
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 10; n += 1) await audit.append({ ...ENTRY, tenant: `t${n}` });
  }
  assert.ok(open <= 4, `${open} files are open`);
  await Promise.all(Array.from({ length: 10 }, (_, n) => audit.append({ ...ENTRY, tenant: `t${n}` })));
  await tick();
  await tick();
  assert.ok(open <= 3, `${open} files are still open`);
  await audit.close();
  assert.ok(most >= 3 && most <= 10, `${most} files were open`);
  assert.is(open, 0);
  const { said, heads } = await verified(dir);
  assert.equal(said, []);
  assert.equal(
    heads.map(({ seq }) => seq),
    Array(10).fill(4),
  );
});

test('simultaneous calls for more tenants than may be open lose nothing, and no file is open twice', async () => {
  const open = new Map<string, number>();
  let most = 0;
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      const count = (by: number) => {
        open.set(path, (open.get(path) ?? 0) + by);
        most = Math.max(most, open.get(path) ?? 0);
      };
      count(1);
      const { close } = file;
      file.close = async () => {
        await turn();
        await close.call(file);
        count(-1);
      };
      return file;
    },
  };
  const { audit, dir } = await bench({ fs, maxOpen: 2 });
  for (let round = 0; round < 5; round += 1) {
    const tenants = Array.from({ length: 80 }, (_, n) => `t${(n * 7) % 12}`);
    await Promise.all(tenants.map((tenant) => audit.append({ ...ENTRY, tenant })));
    for (const tenant of ['t1', 't2', 't3', 't1', 't2', 't3']) await audit.append({ ...ENTRY, tenant });
  }
  await audit.close();
  const { said, records } = await verified(dir);
  assert.equal([said, records, most], [[], 430, 1]);
});

test('the head of a chain is kept every second and at the end, for what is on disk', async () => {
  const { fs, count } = counting();
  const { audit, dir, tick } = await bench({ fs });
  const head = () => JSON.parse(readFileSync(join(dir, 'demo/r1.head'), 'utf8'));
  await audit.append(ENTRY);
  await audit.append(ENTRY);
  await tick();
  assert.is(count.syncs, 1);
  assert.equal(head(), { seq: 2, hash: recordsIn(dir)[1]?.hash });
  await tick();
  assert.is(count.syncs, 1);
  await audit.append(ENTRY);
  await audit.close();
  assert.is(head().seq, 3);
});

test('a head vouches for no record that may not be on disk', async () => {
  const { fs, count, slow } = counting();
  const { audit, dir, tick } = await bench({ fs });
  await audit.append(ENTRY);
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  slow.until = () => finished;
  const ticked = tick();
  await until(() => count.running === 1, 'the disk is at work');
  await audit.append(ENTRY);
  finish();
  await ticked;
  assert.is(recordsIn(dir).length, 2);
  assert.is(JSON.parse(readFileSync(join(dir, 'demo/r1.head'), 'utf8')).seq, 1);
  await audit.close();
});

test('a file that was moved away or removed is noticed within a tick, and its records are missed', async () => {
  for (const away of [(path: string) => renameSync(path, `${path}.1`), (path: string) => rmSync(path)]) {
    const { audit, dir, tick, notices } = await bench();
    await audit.append(ENTRY);
    await audit.append(ENTRY);
    away(join(dir, FILE));
    await audit.append(ENTRY);
    await tick();
    await audit.append(ENTRY);
    await audit.close();
    assert.equal(notices, ['demo missing']);
    assert.equal(
      recordsIn(dir).map(({ seq, notice }) => [seq, notice?.from, notice?.to]),
      [
        [4, 1, 3],
        [5, undefined, undefined],
      ],
    );
    assert.equal((await verified(dir)).said, ['notice 1', 'removed 1']);
  }
});

test('close writes what was appended before, and refuses later records', async () => {
  const { audit, dir } = await bench();
  const appended = Array.from({ length: 50 }, () => audit.append(ENTRY));
  assert.ok(audit.healthy);
  await audit.close();
  await Promise.all(appended);
  assert.is(recordsIn(dir).length, 50);
  assert.not.ok(audit.healthy);
  assert.is((await rejection(audit.append(ENTRY))).name, 'AuditUnavailable');
  assert.is(recordsIn(dir).length, 50);
  assert.is(recordsIn(dir)[0]?.time, NOON);
});

test('a log that is closed twice, and at the same time, is closed once and complete', async () => {
  const { audit, dir, errors } = await bench();
  void audit.append(ENTRY);
  await Promise.all([audit.close(), audit.close()]);
  await audit.close();
  assert.equal(errors, []);
  assert.is(recordsIn(dir).length, 1);
});

test.run();
