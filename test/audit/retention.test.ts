/** Days that are compressed and days that are removed: by a round, by the running log, and by a process that is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { auditQuery, auditTail, auditVerify } from '../../src/governance/audit/command.js';
import { takeLock } from '../../src/governance/audit/lock.js';
import { auditExport, auditStats } from '../../src/governance/audit/reports.js';
import { tailAudit } from '../../src/governance/audit/tail.js';
import { needing } from '../support/programs.js';
import { scriptArguments } from '../support/script.js';
import { until } from '../support/until.js';
import { bench, ENTRY, filesIn, printed, recordsIn, scratch, verified } from './logs.js';
import { verifyHere, verifyInPython } from './other-verifier.js';
import { closeOn } from './vectors.js';

const test = suite('audit/retention');
const withPython = needing(test, 'audit/retention', 'python3');
const DAYS = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'];

/** Two records on each day, of each of the tenants. */
async function log(tenants = ['demo'], perDay = 2): Promise<string> {
  const { audit, dir, clock } = await bench();
  for (const day of DAYS) {
    clock.now = new Date(`${day}T12:00:00.000Z`);
    for (const tenant of tenants)
      for (let n = 1; n <= perDay; n += 1) await audit.append({ ...ENTRY, tenant, requestId: `${day}-${n}` });
  }
  await audit.close();
  return dir;
}

test('days before yesterday are compressed, and every reader reads the same as before', async () => {
  const dir = await log();
  const now = (): Date => new Date('2026-11-24T00:00:00.000Z');
  const read = async () => ({
    query: await printed((print) => auditQuery({ dir, user: 'alice', since: '2026-11-20' }, print, now)),
    tail: await printed((print) => auditTail({ dir, lines: '7' }, print)),
    jsonl: await printed((print) => auditExport({ dir, format: 'jsonl', until: '2026-11-23' }, print, now)),
    csv: await printed((print) => auditExport({ dir, format: 'csv', tenant: 'demo' }, print, now)),
    stats: await printed((print) => auditStats({ dir }, print, now)),
  });
  const before = await read();
  assert.equal([before.query.length, before.tail.length, before.jsonl.length], [8, 7, 6]);
  await closeOn('2026-11-24', dir);
  assert.equal(filesIn(dir), [
    ...['demo/2026-11-20.r1.jsonl.gz', 'demo/2026-11-21.r1.jsonl.gz', 'demo/2026-11-22.r1.jsonl.gz'],
    ...['demo/2026-11-23.r1.jsonl', 'demo/r1.head'],
  ]);
  assert.equal(await read(), before);
  assert.equal((await verified(dir)).said, []);
});

test('a damaged compressed day costs a query only that day', async () => {
  const dir = await log();
  await closeOn('2026-11-24', dir);
  const path = join(dir, 'demo/2026-11-21.r1.jsonl.gz');
  writeFileSync(path, readFileSync(path).subarray(0, 60));
  const lines = await printed((print) => auditQuery({ dir }, print, () => new Date()));
  assert.is(lines.length, 7);
  assert.is(lines.at(-1), '1 lines are no records; audit verify says where');
});

test('whole days are removed once every record is old enough, and the chain goes on after their tombstone', async () => {
  const dir = await log(['demo', 'other']);
  await closeOn('2026-11-23', dir, 1);
  assert.equal(
    recordsIn(dir, 'other').map(({ seq }) => seq),
    [5, 6, 7, 8],
  );
  assert.equal(
    filesIn(dir).filter((name) => name.startsWith('demo/')),
    [...['demo/2026-11-22.r1.jsonl', 'demo/2026-11-23.r1.jsonl'], ...['demo/r1.head', 'demo/r1.tombstone']],
  );
  assert.equal((await verified(dir)).said, ['notice 0', 'notice 0']);
  // Everything is removed: the next record still follows the last one.
  await closeOn('2026-12-30', dir, 1);
  const { audit, clock } = await bench({ dir });
  clock.now = new Date('2026-12-30T01:00:00.000Z');
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(
    recordsIn(dir).map(({ seq, kind }) => [seq, kind]),
    [[9, 'outcome']],
  );
  const { said, heads } = await verified(dir);
  assert.equal(said, ['notice 0', 'notice 0']);
  assert.equal(
    heads.map(({ folder, seq }) => [folder, seq]),
    [
      ['demo', 9],
      ['other', 8],
    ],
  );
});

test('heads that were kept elsewhere still count after the days that they name were removed', async () => {
  const dir = await log();
  const heads = (await printed((print) => auditVerify({ dir }, print))).join('\n');
  await closeOn('2026-12-30', dir, 1);
  assert.is(await auditVerify({ dir, heads }, () => {}), 0);
  const other = heads.replace(/[0-9a-f]{64}/, '0'.repeat(64));
  const lines = await printed((print) => auditVerify({ dir, heads: other }, print));
  assert.match(
    lines.join('\n'),
    'BROKEN demo/r1.tombstone: changed: record 8 differs from the one that the head kept elsewhere',
  );
});

test('a forged tombstone stays visible when the log signs the next one, and a future day is not a tombstone', async () => {
  const dir = await log();
  const [, second] = recordsIn(dir);
  const forged = { seq: 2, hash: second?.hash, broken: 0, time: '2026-11-22T00:00:00.000Z' };
  const forge = (day: string): void =>
    writeFileSync(join(dir, 'demo/r1.tombstone'), JSON.stringify({ ...forged, day }));
  rmSync(join(dir, 'demo/2026-11-20.r1.jsonl'));
  for (const day of ['2026-11-22', '2026-11-00']) {
    forge(day);
    assert.equal((await verified(dir)).said, ['removed 1']);
  }
  forge('2026-11-20');
  assert.is((await verified(dir)).breaches, 0);
  await closeOn('2026-11-23', dir, 1);
  assert.equal((await verified(dir)).said, ['notice 0', 'changed 0']);
});

test('the running log closes days by itself, but not while another process does', async () => {
  const dir = await log();
  const other = await takeLock(dir, '_retention', async () => {});
  const { audit, clock, tick, errors } = await bench({ dir, keepDays: 2 });
  clock.now = new Date('2026-11-24T00:00:00.000Z');
  await tick();
  await audit.append(ENTRY);
  assert.not.ok(existsSync(join(dir, 'demo/r1.tombstone')));
  await other.release();
  clock.now = new Date('2026-11-24T01:00:00.000Z');
  await tick();
  await until(() => existsSync(join(dir, 'demo/2026-11-22.r1.jsonl.gz')), 'the days are closed');
  await until(() => !existsSync(join(dir, 'demo/2026-11-22.r1.jsonl')), 'the days are closed');
  await audit.append(ENTRY);
  await audit.close();
  assert.equal([errors, (await verified(dir)).said], [[], ['notice 0']]);
  assert.equal(filesIn(dir).length, 5);
});

test('the running log reports that removed days were broken, separately from what it cannot write', async () => {
  const dir = await log();
  const path = join(dir, 'demo/2026-11-20.r1.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('2026-11-20-1', '2026-11-20-9'));
  const problems: string[] = [];
  const onRetentionError = ({ message }: Error): void => void problems.push(message);
  const { audit, clock, tick, errors } = await bench({ dir, keepDays: 2, onRetentionError });
  clock.now = new Date('2026-11-24T00:00:00.000Z');
  await tick();
  await until(() => !existsSync(path), 'the broken day is removed');
  await audit.close();
  assert.equal([problems, errors], [['demo/r1 was broken in 1 place when old days were removed'], []]);
});

test('a clock that is set back never leads to a day that is closed', async () => {
  for (const keepDays of [undefined, 1]) {
    const dir = await log();
    await closeOn('2026-12-30', dir, keepDays);
    const { audit } = await bench({ dir });
    await audit.append(ENTRY);
    await audit.close();
    const { breaches, records } = await verified(dir);
    assert.equal([breaches, records], [0, keepDays === undefined ? 9 : 1]);
    assert.ok(existsSync(join(dir, 'demo/2026-11-24.r1.jsonl')));
  }
});

test('followers read the rest of a file that was compressed before they read it', async () => {
  const dir = await log();
  const [line = ''] = readFileSync(join(dir, 'demo/2026-11-23.r1.jsonl'), 'utf8').split('\n');
  const ending = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { text } of tailAudit(dir, { lines: 1, follow: true, signal: ending.signal }))
      seen.push(text);
  })();
  await until(() => seen.length === 1, 'the newest record is there');
  const path = join(dir, 'demo/2026-11-23.r1.jsonl');
  const whole = `${readFileSync(path, 'utf8')}${line}\n`;
  writeFileSync(`${path}.gz`, gzipSync(whole));
  rmSync(path);
  await until(() => seen.length === 2, 'the record after it is there');
  assert.is(seen[1], line);
  ending.abort();
  await following;
});

const child = scriptArguments('test/audit/retention-killed.ts');

/** Kills a round once it has made so many files; true when it had ended by itself. */
async function killed(dir: string, made: number, keepDays?: number): Promise<boolean> {
  const args = [...child, dir, '2026-11-25T00:00:00.000Z'];
  if (keepDays !== undefined) args.push(String(keepDays));
  const round = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  round.stdout.on('data', (data: Buffer) => {
    output += data;
  });
  const closed = once(round, 'close');
  const isEnough = (): boolean =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.gz$|\.tombstone$/.test(name))
      .length >= made || output.includes('done');
  await until(isEnough, 'the round has begun');
  round.kill('SIGKILL');
  await closed;
  return output.includes('done');
}

withPython('a round that is killed at any moment loses nothing, and the next one finishes it', async () => {
  const tenants = Array.from({ length: 20 }, (_, n) => `t${n}`);
  const source = await log(tenants, 40);
  for (const keepDays of [undefined, 3]) {
    let wasCut = 0;
    for (const made of [1, 7, 30]) {
      const dir = join(scratch(), 'audit');
      cpSync(source, dir, { recursive: true });
      if (!(await killed(dir, made, keepDays))) wasCut += 1;
      const { breaches, findings } = await verified(dir);
      assert.is(breaches, 0, JSON.stringify(findings.filter(({ breach }) => breach)));
      assert.equal(verifyInPython(dir), await verifyHere(dir));
      await closeOn('2026-11-25', dir, keepDays);
      assert.is((await verified(dir)).breaches, 0);
      // Of four days, none or two are removed, and the others compressed.
      const left = filesIn(dir).filter((name) => name.includes('.jsonl'));
      assert.is(left.length, tenants.length * (keepDays === undefined ? 4 : 2));
      assert.is(
        left.filter((name) => name.endsWith('.gz')).length,
        tenants.length * (keepDays === undefined ? 4 : 2),
      );
    }
    assert.ok(wasCut > 0, 'at least one round was cut off');
  }
});

withPython('both verifiers agree, whatever is done to the bytes of a compressed day', async () => {
  const dir = await log();
  await closeOn('2026-11-24', dir);
  const path = join(dir, 'demo/2026-11-21.r1.jsonl.gz');
  const whole = readFileSync(path);
  const flip = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at] = value;
    return bytes;
  };
  const cases = [
    ...[Buffer.alloc(0), whole.subarray(0, 5), whole.subarray(0, -1), gzipSync('')],
    // A line longer than any record: 9 MB in 9 KB.
    ...['', '\n'].map((end) => gzipSync(`${' '.repeat(9_000_000)}${end}`)),
    ...[Buffer.concat([whole, Buffer.alloc(3)]), Buffer.concat([whole, Buffer.from('more')])],
    ...[Buffer.concat([whole, whole]), Buffer.concat([whole, gzipSync('{}\n'), Buffer.alloc(1)])],
    ...[
      flip(0, 0),
      flip(3, 0xe0),
      flip(3, 8),
      flip(8, 9),
      flip(40, 7),
      flip(whole.length - 6, 1),
      gunzipSync(whole),
    ],
  ];
  for (const bytes of cases) {
    writeFileSync(path, bytes);
    assert.equal(verifyInPython(dir), await verifyHere(dir));
  }
});

test.run();
