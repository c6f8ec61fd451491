/** Many tenants: few files are open, few heads are kept in a second, and each chain is as intact as that of a single tenant. */

import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { REOPEN, realFs } from '../../src/governance/audit/disk.js';
import { maxOpenFiles } from '../../src/governance/audit/tenants.js';
import { until } from '../support/until.js';
import { faulty } from './disks.js';
import { bench, ENTRY, filesIn, linesOf, recordsIn, rejection, scratch, verified } from './logs.js';

const test = suite('audit/tenants');
const FILE = '2026-11-23.r1.jsonl';

/** The real file system, which counts how log files are opened, how many are open, and in which order they are synced. */
function watched() {
  const seen = { first: 0, again: 0, open: 0, most: 0, done: [] as string[] };
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      const name = path.split('/').slice(-2).join('/');
      if (flags === REOPEN) seen.again += 1;
      else seen.first += 1;
      if (flags !== REOPEN) seen.done.push(`open ${name}`);
      seen.open += 1;
      seen.most = Math.max(seen.most, seen.open);
      const { close, datasync } = file;
      file.close = () => {
        seen.open -= 1;
        return close.call(file);
      };
      file.datasync = async () => {
        await datasync.call(file);
        seen.done.push(`sync ${name}`);
      };
      return file;
    },
  };
  return { fs, seen };
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
const headsIn = (dir: string) => filesIn(dir).filter((name) => name.endsWith('.head'));

test('a thousand tenants in turn share a few files, which are recovered once, and each chain verifies', async () => {
  const { fs, seen } = watched();
  const { audit, dir, notices } = await bench({ fs, maxOpen: 8 });
  const tenants = names(1000);
  for (let round = 1; round <= 3; round += 1) {
    for (let at = 0; at < tenants.length; at += 50) {
      const some = tenants.slice(at, at + 50);
      await Promise.all(some.map((tenant) => audit.append({ ...ENTRY, tenant })));
    }
  }
  assert.is(seen.first, 1000);
  assert.is(seen.again, 2000);
  assert.ok(seen.most <= 110, `${seen.most} files were open`);
  assert.is(seen.done.filter((what) => what.startsWith('sync')).length, 0);
  await audit.close();
  assert.is(seen.open, 0);
  const { said, records, heads } = await verified(dir);
  assert.equal([said, records, notices], [[], 3000, []]);
  assert.ok(heads.length === 1000 && heads.every(({ seq }) => seq === 3));
});

test('tampering with the file of an idle tenant is found when that tenant writes again', async () => {
  type Case = { what: string; notices: string[]; verified: string[]; to: (path: string) => void };
  const cases: Case[] = [
    { what: 'nothing', notices: [], verified: [], to: () => {} },
    {
      what: 'half a line added',
      notices: ['a torn'],
      verified: ['notice 3', 'torn 0'],
      to: (path) => appendFileSync(path, 'half a line'),
    },
    {
      what: 'moved away',
      notices: ['a missing'],
      verified: ['notice 1', 'removed 1'],
      to: (path) => renameSync(path, `${path}.1`),
    },
    {
      what: 'removed',
      notices: ['a missing'],
      verified: ['notice 1', 'removed 1'],
      to: (path) => rmSync(path),
    },
    {
      what: 'removed with its folder',
      notices: ['a missing'],
      verified: ['notice 1', 'removed 1'],
      to: (path) => rmSync(join(path, '..'), { recursive: true }),
    },
    {
      what: 'its newest line cut off',
      notices: ['a missing'],
      verified: ['notice 2', 'removed 2'],
      to: (path) => truncateSync(path, (linesOf(path)[0]?.length ?? 0) + 1),
    },
    {
      what: 'its newest hash changed in place',
      notices: ['a missing'],
      verified: [],
      to: (path) => {
        const text = readFileSync(path, 'utf8');
        const digit = text.at(-4) === '0' ? '1' : '0';
        writeFileSync(path, `${text.slice(0, -4)}${digit}${text.slice(-3)}`);
      },
    },
    {
      what: 'another file with the same bytes in its place',
      notices: [],
      verified: [],
      to: (path) => {
        const text = readFileSync(path);
        rmSync(path);
        writeFileSync(`${path}.new`, text);
        renameSync(`${path}.new`, path);
      },
    },
  ];
  for (const one of cases) {
    const { audit, dir, notices } = await bench({ maxOpen: 1 });
    for (const tenant of ['a', 'a', 'b']) await audit.append({ ...ENTRY, tenant });
    const path = join(dir, 'a', FILE);
    // The time stamps of a file system are some milliseconds coarse.
    const stamp = join(dir, 'stamp');
    await until(() => {
      writeFileSync(stamp, '');
      return statSync(stamp).ctimeMs > statSync(path).ctimeMs;
    }, 'a file that is written now has a later time');
    rmSync(stamp);
    one.to(path);
    for (const tenant of ['a', 'a']) await audit.append({ ...ENTRY, tenant });
    await audit.close();
    assert.equal(notices, one.notices, one.what);
    const { said, breaches } = await verified(dir);
    if (one.what.includes('hash')) assert.ok(breaches > 0, one.what);
    else assert.equal(said, one.verified, one.what);
  }
});

test('whole records that somebody wrote into a file at rest are not cut off', async () => {
  const { audit, dir } = await bench({ maxOpen: 1 });
  for (const tenant of ['a', 'b']) await audit.append({ ...ENTRY, tenant });
  const path = join(dir, 'a', FILE);
  appendFileSync(path, readFileSync(path));
  await audit.append({ ...ENTRY, tenant: 'a' });
  await audit.close();
  assert.is(linesOf(path).length, 3);
  assert.ok((await verified(dir)).breaches > 0);
});

test('a durable record of a tenant at rest is on disk before its promise resolves', async () => {
  const { fs, seen } = watched();
  const { audit } = await bench({ fs, maxOpen: 1 });
  for (const tenant of ['a', 'b']) await audit.append({ ...ENTRY, tenant });
  seen.done = [];
  await audit.append({ ...ENTRY, tenant: 'a' }, { durable: true });
  assert.equal(seen.done, [`sync a/${FILE}`]);
  await audit.close();
});

test('the file of a day is on disk before the next one is begun, even for an idle tenant', async () => {
  const { fs, seen } = watched();
  const { audit, dir, clock } = await bench({ fs, maxOpen: 1 });
  for (const tenant of ['a', 'b']) await audit.append({ ...ENTRY, tenant });
  seen.done = [];
  clock.now = new Date('2026-11-24T00:00:00.000Z');
  await audit.append({ ...ENTRY, tenant: 'a' });
  assert.is(seen.done[0], `sync a/${FILE}`);
  assert.ok(seen.done.includes('open a/2026-11-24.r1.jsonl'));
  await audit.close();
  assert.equal((await verified(dir)).said, []);
});

test('at most 64 heads are kept per second, the longest waiting first', async () => {
  const { fs, seen } = watched();
  const { audit, dir, tick } = await bench({ fs, maxOpen: 10 });
  const tenants = names(150);
  for (const tenant of tenants) await audit.append({ ...ENTRY, tenant });
  await tick();
  assert.equal(
    headsIn(dir),
    tenants
      .slice(0, 64)
      .map((tenant) => `${tenant}/r1.head`)
      .sort(),
  );
  assert.ok(seen.open <= 10, `${seen.open} files are open`);
  // A tenant that writes again queues behind those that wait.
  for (const tenant of tenants.slice(0, 64)) await audit.append({ ...ENTRY, tenant });
  await tick();
  assert.is(headsIn(dir).length, 128);
  await tick();
  assert.is(headsIn(dir).length, 150);
  await tick();
  const before = seen.done.length;
  await tick();
  assert.is(seen.done.length, before);
  const { heads } = await verified(dir);
  const kept = headsIn(dir).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')));
  assert.equal(
    kept,
    heads.map(({ seq, hash }) => ({ seq, hash })),
  );
  await audit.close();
});

test('all tenants that had errors recover soon after the disk does', async () => {
  const { fs, fault } = faulty();
  const { audit, dir, tick } = await bench({ fs, maxOpen: 5 });
  fault.write = 'ENOSPC';
  for (const tenant of names(200)) await rejection(audit.append({ ...ENTRY, tenant }));
  assert.not.ok(audit.healthy);
  fault.write = undefined;
  // One round is enough, unless the machine is so busy that it runs out of time.
  await until(async () => {
    await tick();
    return audit.healthy;
  });
  await audit.close();
  for (const tenant of names(200)) assert.is(recordsIn(dir, tenant)[0]?.notice?.count, 1);
});

test('a tenant that has not written for long is forgotten once its head is kept, and continues where it was', async () => {
  const { fs, seen } = watched();
  const { audit, dir, notices } = await bench({ fs, maxOpen: 2, maxKnown: 5 });
  const tenants = names(40);
  for (const tenant of tenants) await audit.append({ ...ENTRY, tenant });
  assert.ok(headsIn(dir).length >= 30, `${headsIn(dir).length} heads are kept`);
  for (const tenant of tenants) await audit.append({ ...ENTRY, tenant });
  assert.ok(seen.first >= 75, `${seen.first} files were recovered`);
  await Promise.all(tenants.map((tenant) => audit.append({ ...ENTRY, tenant })));
  await audit.close();
  const { said, records } = await verified(dir);
  assert.equal([said, records, notices], [[], 120, []]);
});

test('an evicted file that cannot be opened again is an error of its tenant only', async () => {
  const { audit, dir, tick } = await bench({ maxOpen: 1 });
  for (const tenant of ['a', 'b']) await audit.append({ ...ENTRY, tenant });
  renameSync(join(dir, 'a'), join(dir, '.a'));
  writeFileSync(join(dir, 'a'), 'a file where a folder should be');
  assert.match((await rejection(audit.append({ ...ENTRY, tenant: 'a' }))).message, 'ENOTDIR');
  await audit.append({ ...ENTRY, tenant: 'b' });
  rmSync(join(dir, 'a'));
  renameSync(join(dir, '.a'), join(dir, 'a'));
  await tick();
  assert.ok(audit.healthy);
  await audit.close();
  assert.equal((await verified(dir)).said, ['notice 2']);
  assert.ok(existsSync(join(dir, 'a/r1.head')));
});

test('one log gets an eighth of the files that a process may open, up to a limit', () => {
  const path = join(scratch(), 'limits');
  const limits = (soft: string) => {
    writeFileSync(
      path,
      `Max processes  1 2 processes\nMax open files            ${soft}   1048576   files\n`,
    );
    return maxOpenFiles(path);
  };
  assert.equal(['1024', '4096', '1048576', 'unlimited', '4'].map(limits), [128, 512, 1024, 1024, 1]);
  assert.is(maxOpenFiles(join(path, 'nowhere')), 128);
});

test.run();
