/** Disks that fail: real ones where the tests may mount (a file system of 64 KB, one that is read-only), and made-up errors. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AuditUnavailable, realFs } from '../../src/governance/audit/disk.js';
import { faulty, mount, mounting } from './disks.js';
import { bench, ENTRY, linesOf, recordsIn, rejection, scratch, verified } from './logs.js';

const test = suite('audit/failing');
const check = mounting(test, 'audit/failing, real disks');
const FILE = 'demo/2026-11-23.r1.jsonl';

test('a failed write rejects its records with the reason, and leaves nothing of them behind', async () => {
  const { fs, fault } = faulty();
  const { audit, dir, errors, tick } = await bench({ fs });
  await audit.append(ENTRY);
  fault.write = 'ENOSPC';
  const refused = await Promise.all([1, 2, 3].map(() => rejection(audit.append(ENTRY))));
  for (const error of refused) {
    assert.instance(error, AuditUnavailable);
    assert.is(error.message, 'the audit log cannot be written (ENOSPC)');
  }
  assert.not.ok(audit.healthy);
  assert.is((await rejection(audit.append(ENTRY))).message, 'the audit log cannot be written (ENOSPC)');
  assert.is(errors.length, 1);

  fault.write = undefined;
  await audit.append({ ...ENTRY, requestId: 'after' });
  assert.equal(
    recordsIn(dir).map(({ seq, kind, notice, requestId }) => [seq, notice?.count ?? kind, requestId]),
    [
      [1, 'outcome', 'request-1'],
      [2, 4, undefined],
      [3, 'outcome', 'after'],
    ],
  );
  await tick();
  assert.ok(audit.healthy);
  await audit.close();
  assert.equal((await verified(dir)).said, ['notice 2']);
});

test('the log finds by itself that the disk works again, and says how many records it missed and why', async () => {
  const { fs, fault } = faulty();
  const { audit, dir, tick, notices, errors, clock } = await bench({ fs });
  fault.write = 'EIO';
  await rejection(audit.append(ENTRY));
  await rejection(audit.append(ENTRY, { durable: true }));
  clock.now = new Date('2026-11-23T12:05:00.000Z');
  await tick();
  assert.not.ok(audit.healthy);
  fault.write = undefined;
  await tick();
  assert.ok(audit.healthy);
  assert.equal(recordsIn(dir)[0]?.notice, {
    what: 'unrecorded',
    since: '2026-11-23T12:00:00.000Z',
    count: 2,
    code: 'EIO',
  });
  assert.equal(notices, ['demo unrecorded']);
  assert.is(errors.length, 1);
  fault.write = 'ENOSPC';
  await rejection(audit.append(ENTRY));
  assert.is(errors.length, 2);
  fault.write = undefined;
  await audit.close();
  assert.is((await verified(dir)).breaches, 0);
});

test('a failed sync rejects everything that waits for it, and later records are served', async () => {
  const { fs, fault } = faulty();
  const { audit, dir, tick } = await bench({ fs });
  await audit.append(ENTRY, { durable: true });
  fault.sync = 'EIO';
  const durable = [1, 2, 3].map(() => rejection(audit.append(ENTRY, { durable: true })));
  await audit.append(ENTRY);
  for (const error of await Promise.all(durable)) assert.is(error.name, 'AuditUnavailable');
  assert.not.ok(audit.healthy);
  fault.sync = undefined;
  await audit.append(ENTRY, { durable: true });
  await tick();
  assert.ok(audit.healthy);
  await audit.close();
  assert.is((await verified(dir)).breaches, 0);
});

/** Holds writes and syncs back until the test decides how they end. */
function held() {
  const calls: { what: 'write' | 'sync'; end: (error?: Error) => void }[] = [];
  const hold = { on: false };
  const released = (what: 'write' | 'sync') =>
    new Promise<void>((resolve, reject) => {
      if (!hold.on) resolve();
      else calls.push({ what, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      return {
        write: async (bytes, offset, length) => {
          await released('write');
          return file.write(bytes, offset, length);
        },
        datasync: () => released('sync'),
        truncate: (length) => file.truncate(length),
        stat: () => file.stat(),
        close: () => file.close(),
      };
    },
  };
  const next = async (what: 'write' | 'sync') => {
    while (calls[0]?.what !== what) await new Promise((resolve) => setImmediate(resolve));
    return calls.shift()?.end ?? (() => {});
  };
  return { fs, hold, next };
}

test('a failed sync also rejects what was written, or was being written, while it ran', async () => {
  const { fs, hold, next } = held();
  const { audit, dir } = await bench({ fs });
  await audit.append(ENTRY);
  hold.on = true;
  const refused = [rejection(audit.append(ENTRY, { durable: true }))];
  (await next('write'))();
  const sync = await next('sync');
  refused.push(rejection(audit.append(ENTRY, { durable: true })));
  (await next('write'))();
  while (recordsIn(dir).length < 3) await new Promise((resolve) => setImmediate(resolve));
  refused.push(rejection(audit.append(ENTRY, { durable: true })));
  const write = await next('write');
  sync(new Error('EIO'));
  await Promise.all(refused.slice(0, 2));
  hold.on = false;
  write();
  assert.is((await Promise.all(refused)).length, 3);
  await audit.append(ENTRY, { durable: true });
  await audit.close();
  const counts = recordsIn(dir).map(({ notice }) => Number(notice?.count ?? 0));
  assert.is(
    counts.reduce((sum, count) => sum + count),
    3,
  );
  assert.is((await verified(dir)).breaches, 0);
});

test('a tenant that has something to report is not evicted', async () => {
  const { fs, fault } = faulty();
  const { audit, dir, tick } = await bench({ fs, maxOpen: 1 });
  fault.write = 'ENOSPC';
  await rejection(audit.append({ ...ENTRY, tenant: 'a' }));
  fault.write = undefined;
  for (const tenant of ['b', 'c', 'd']) await audit.append({ ...ENTRY, tenant });
  assert.not.ok(audit.healthy);
  await tick();
  assert.ok(audit.healthy);
  await audit.close();
  assert.is(recordsIn(dir, 'a')[0]?.notice?.count, 1);
});

test('if part of a line cannot be cut off either, it is cut off before the next one', async () => {
  const { fs, fault } = faulty();
  const { audit, dir } = await bench({ fs });
  await audit.append(ENTRY);
  const good = statSync(join(dir, FILE)).size;
  fault.write = 'EIO';
  fault.truncate = 'EIO';
  await rejection(audit.append(ENTRY));
  await rejection(audit.append(ENTRY));
  assert.ok(statSync(join(dir, FILE)).size > good);
  fault.write = undefined;
  await rejection(audit.append(ENTRY));
  fault.truncate = undefined;
  await audit.append(ENTRY);
  await audit.close();
  assert.equal((await verified(dir)).said, ['notice 2']);
});

test('one tenant whose folder cannot be written does not stop the others, and health reports it', async () => {
  const { audit, dir } = await bench();
  await audit.append({ ...ENTRY, tenant: 'a' });
  writeFileSync(join(dir, 'b'), 'a file where a folder should be');
  assert.match((await rejection(audit.append({ ...ENTRY, tenant: 'b' }))).message, 'ENOTDIR');
  await audit.append({ ...ENTRY, tenant: 'a' });
  assert.not.ok(audit.healthy);
  await audit.close();
});

test('a disk that hangs is not healthy, and the number of records that wait for it is limited', async () => {
  let release: () => void = () => {};
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      if (path.endsWith('.jsonl')) await hanging;
      return realFs.open(path, flags, mode);
    },
  };
  const { audit, dir, clock } = await bench({ fs, maxChars: 2_000_000 });
  const response = 'x'.repeat(1024 * 1024);
  const waiting: Promise<unknown>[] = [];
  let refused = 0;
  for (let n = 0; n < 80; n += 1) {
    const appended = audit.append({ ...ENTRY, response }).catch((error: Error) => {
      refused += 1;
      assert.is(error.message, 'too many records wait for the disk');
    });
    waiting.push(appended);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(audit.healthy);
  clock.now = new Date(clock.now.getTime() + 6000);
  assert.not.ok(audit.healthy);
  release();
  await Promise.all(waiting);
  await audit.close();
  assert.ok(refused > 0 && refused < 30, String(refused));
  assert.is(refused + recordsIn(dir).length, 80);
});

check(
  'a real disk that is full refuses, loses nothing that it took, and goes on when there is room',
  async () => {
    const disk = mount('size=64k');
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(16 * 1024));
    const { audit, dir, tick, errors } = await bench({ dir: join(disk, 'audit') });
    const taken: string[] = [];
    let refused = 0;
    for (let n = 0; refused < 5; n += 1) {
      const requestId = `request-${n}`;
      const batch = [0, 1, 2].map((part) =>
        audit.append({ ...ENTRY, requestId: `${requestId}-${part}` }, { durable: n % 2 === 0 }),
      );
      for (const [part, result] of (await Promise.allSettled(batch)).entries()) {
        if (result.status === 'fulfilled') taken.push(`${requestId}-${part}`);
        else refused += 1;
      }
    }
    assert.ok(taken.length > 20);
    assert.not.ok(audit.healthy);
    assert.match(errors[0]?.message ?? '', 'ENOSPC');
    await tick();
    assert.not.ok(audit.healthy);

    rmSync(ballast);
    await tick();
    assert.ok(audit.healthy);
    await audit.append({ ...ENTRY, requestId: 'after' });
    await audit.close();
    const records = recordsIn(dir);
    assert.equal(
      records.filter(({ kind }) => kind !== 'log').map(({ requestId }) => requestId),
      [...taken, 'after'],
    );
    assert.is(records.find(({ kind }) => kind === 'log')?.notice?.count, refused);
    assert.is((await verified(dir)).breaches, 0);
  },
);

check('a real disk that is read-only refuses from the start, and goes on when it is not', async () => {
  const disk = mount('size=256k');
  const remount = (mode: string) => execFileSync('mount', ['-o', `remount,${mode}`, disk]);
  remount('ro');
  const { audit, dir, tick, errors } = await bench({ dir: join(disk, 'audit') });
  assert.not.ok(audit.healthy);
  assert.match((await rejection(audit.append(ENTRY, { durable: true }))).message, 'EROFS');
  assert.equal(
    errors.map(({ message }) => message),
    ['the audit log cannot be opened (EROFS)'],
  );
  remount('rw');
  await tick();
  assert.ok(audit.healthy);
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(
    recordsIn(dir).map(({ kind, notice }) => notice?.count ?? kind),
    [1, 'outcome'],
  );
  assert.is((await verified(dir)).breaches, 0);
});

test('records that cannot be read back, because a power failure left nothing in their place, are set aside', async () => {
  const dir = join(scratch(), 'audit');
  mkdirSync(join(dir, 'demo'), { recursive: true });
  const first = await bench({ dir });
  await first.audit.append(ENTRY);
  await first.audit.close();
  writeFileSync(join(dir, FILE), Buffer.alloc(700_000), { flag: 'a' });
  const { audit, notices } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(notices, ['demo torn']);
  assert.is(linesOf(join(dir, FILE)).length, 3);
  assert.is(readFileSync(join(dir, FILE.replace('.jsonl', '.torn'))).length, 700_001);
  assert.equal((await verified(dir)).said, ['notice 2', 'torn 0']);
});

test.run();
