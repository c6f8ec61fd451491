import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { takeLock } from '../../src/governance/audit/lock.js';
import { openAudit } from '../../src/governance/audit/log.js';
import { until } from '../support/until.js';
import { rejection, scratch } from './logs.js';

const test = suite('audit/lock');
const noWait = async () => {};
const locksIn = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('.lock.'));

function lockOf(dir: string, owner: object | string): string {
  const path = join(dir, '.lock.r1.1-other');
  writeFileSync(path, typeof owner === 'string' ? owner : JSON.stringify(owner));
  return path;
}

test('one process at a time holds the lock of a replica, and releasing frees it', async () => {
  const dir = scratch();
  const lock = await takeLock(dir, 'r1', noWait);
  assert.is((await rejection(takeLock(dir, 'r1', noWait))).name, 'AuditLocked');
  const other = await takeLock(dir, 'r2', noWait);
  assert.is(locksIn(dir).length, 2);
  await lock.release();
  await (await takeLock(dir, 'r1', noWait)).release();
  await other.release();
  assert.equal(readdirSync(dir), []);
});

test('of many that start at the same time no two hold it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const dir = scratch();
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(dir, 'r1', noWait)));
    const taken = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.ok(taken.length <= 1, `${taken.length} hold it`);
    for (const lock of taken) await lock.release();
    await (await takeLock(dir, 'r1', noWait)).release();
  }
});

test('a lock whose process is gone, or whose id another process has taken, is taken over', async () => {
  const dir = scratch();
  const own = await takeLock(dir, 'r2', noWait);
  const [name = ''] = locksIn(dir);
  const here = JSON.parse(readFileSync(join(dir, name), 'utf8'));
  assert.is(here.pid, process.pid);
  for (const leftover of [
    { ...here, pid: 0x3fffff }, // above every id that is given out
    { ...here, started: 'long ago' },
    { ...here, pid: 1, started: 'long ago' },
  ]) {
    lockOf(dir, leftover);
    await (await takeLock(dir, 'r1', noWait)).release();
  }
  lockOf(dir, here);
  assert.is((await rejection(takeLock(dir, 'r1', noWait))).name, 'AuditLocked');
  await own.release();
});

test('a process that is dead and not yet buried holds no lock', async () => {
  const dir = scratch();
  // The child lives as long as its input is open, and its parent never buries it.
  const parent = spawn(
    'sh',
    ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec 3<&-; exec tail -f /dev/null'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const [output] = await once(parent.stdout, 'data');
  const pid = Number(output);
  const lock = await takeLock(dir, 'r2', noWait);
  const here = JSON.parse(readFileSync(join(dir, locksIn(dir)[0] ?? ''), 'utf8'));
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const started = `${here.started.split(' ')[0]} ${stat()[19]}`;
  lockOf(dir, { ...here, pid, started });
  assert.is((await rejection(takeLock(dir, 'r1', noWait))).name, 'AuditLocked');
  parent.stdin.end();
  await until(() => stat()[0] === 'Z', 'the child is dead');
  await (await takeLock(dir, 'r1', noWait)).release();
  await lock.release();
  parent.kill('SIGKILL');
});

test('a lock of another machine is held while it beats, and taken over when it stops', async () => {
  const dir = scratch();
  for (const owner of [{ pid: 1, host: `not-${hostname()}`, namespace: '', started: '' }, 'not JSON', '[]']) {
    const path = lockOf(dir, owner);
    let waited = 0;
    const beating = async (ms: number) => {
      waited += ms;
      utimesSync(path, waited, waited);
    };
    assert.is((await rejection(takeLock(dir, 'r1', beating))).name, 'AuditLocked');
    waited = 0;
    const still = async (ms: number) => {
      waited += ms;
    };
    await (await takeLock(dir, 'r1', still)).release();
    assert.ok(waited >= 10_000 && waited <= 20_000);
    assert.equal(locksIn(dir), []);
  }
});

test('a beat touches the lock, and says when it is gone', async () => {
  const dir = scratch();
  const lock = await takeLock(dir, 'r1', noWait);
  const path = join(dir, locksIn(dir)[0] ?? '');
  assert.ok(await lock.beat(new Date(5_000_000)));
  assert.is(statSync(path).mtimeMs, 5_000_000);
  rmSync(path);
  assert.not.ok(await lock.beat(new Date()));
});

test('a log whose lock was taken away takes it again, or stops writing', async () => {
  const dir = scratch();
  let tick: () => void = () => {};
  const options = { dir, replica: 'r1', clock: () => new Date(), onError: () => {} };
  const audit = await openAudit({
    ...options,
    after: (_ms, run) => {
      tick = run;
      return () => {};
    },
  });
  rmSync(join(dir, locksIn(dir)[0] ?? ''));
  const thief = await openAudit(options);
  tick();
  while (audit.healthy) await new Promise((resolve) => setImmediate(resolve));
  const error = await rejection(audit.append({ kind: 'log', tenant: 'demo', issuer: undefined }));
  assert.is(error.message, 'the audit log cannot be opened');
  await thief.close();
  await audit.append({ kind: 'log', tenant: 'demo', issuer: undefined });
  assert.ok(locksIn(dir).length === 1);
  await audit.close();
  assert.equal(locksIn(dir), []);
});

test.run();
