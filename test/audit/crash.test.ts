/** Processes that are killed, and the log after that. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { realFs } from '../../src/governance/audit/disk.js';
import { openAudit } from '../../src/governance/audit/log.js';
import { queryAudit } from '../../src/governance/audit/query.js';
import { findProgram, reportSkip } from '../support/programs.js';
import { scriptArguments } from '../support/script.js';
import { until } from '../support/until.js';
import { bench, ENTRY, filesIn, recordsIn, rejection, scratch, verified, written } from './logs.js';
import { verifyHere, verifyInPython } from './other-verifier.js';

/** How often a writer is killed; a nightly run asks for some hundreds. */
const KILLS = Number(process.env.BAREWIRE_TEST_KILLS ?? 20);
const IN_ONE_LOG = 20;

const test = suite('audit/crash');
const hasPython = findProgram('python3') !== undefined;
if (!hasPython) reportSkip('audit/crash, a second verifier', 'there is no python3 here');
const FILE = 'demo/2026-11-23.r1.jsonl';
const TORN = 'demo/2026-11-23.r1.torn';
const writer = scriptArguments('test/audit/crash-writer.ts');

/** A writer, and every line that it has printed. */
function startWriter(dir: string, prefix: string) {
  const child = spawn(process.execPath, [...writer, dir, 'r1', prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: string[] = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => printed.push(line));
  const open = new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve());
    child.once('exit', () => reject(new Error('the writer ended by itself')));
  });
  const kill = async () => {
    const closed = once(lines, 'close');
    child.kill('SIGKILL');
    await closed;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return { printed, open, kill };
}

/** Kills one writer after another in one log, and returns how many lines were torn. */
async function killInTurn(rounds: number): Promise<number> {
  const dir = join(scratch(), 'audit');
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { printed, open, kill } = startWriter(dir, `round-${round}`);
    await open;
    // Some while they open the log, some at work.
    const enough = 1 + (round % 2 === 0 ? 0 : 1 + Math.floor(Math.random() * 40));
    await until(() => printed.length >= enough, 'the writer writes');
    await kill();
    acknowledged.push(...printed.filter((line) => line !== 'open'));
    const { breaches, findings } = await verified(dir);
    assert.is(breaches, 0, JSON.stringify(findings.filter(({ breach }) => breach)));
  }
  const { audit } = await bench({ dir, clock: () => new Date() });
  await audit.append(ENTRY);
  await audit.close();
  const written = new Set<string | undefined>();
  for await (const { record } of queryAudit(dir, {})) written.add(record.requestId);
  assert.ok(acknowledged.length > 0);
  assert.equal(
    acknowledged.filter((id) => !written.has(id)),
    [],
  );
  const { breaches, findings } = await verified(dir);
  assert.is(breaches, 0);
  if (hasPython) assert.equal(verifyInPython(dir), await verifyHere(dir));
  return findings.filter(({ what, line }) => what === 'notice' && line > 0).length;
}

test(`after each of ${KILLS} kills the log verifies, and everything acknowledged is in it`, async () => {
  let torn = 0;
  for (let left = KILLS; left > 0; left -= IN_ONE_LOG) torn += await killInTurn(Math.min(left, IN_ONE_LOG));
  console.log(`${KILLS} kills, ${torn} torn lines set aside`);
});

test('a torn last line is set aside and reported, and the chain goes on', async () => {
  const dir = await written(3);
  const fragment = readFileSync(join(dir, FILE)).subarray(0, 200);
  for (let crash = 1; crash <= 2; crash += 1) {
    appendFileSync(join(dir, FILE), fragment);
    assert.ok((await verified(dir)).said.includes(`torn ${crash * 2 + 2}`));
    const { audit, notices } = await bench({ dir });
    await audit.append({ ...ENTRY, requestId: `after-${crash}` });
    await audit.close();
    assert.equal(notices, ['demo torn']);
  }
  assert.equal(filesIn(dir), [FILE, TORN, 'demo/r1.head']);
  assert.is(readFileSync(join(dir, TORN), 'utf8'), `${fragment}\n${fragment}\n`);
  const records = recordsIn(dir);
  assert.equal(
    records.map(({ kind, requestId, notice }) => requestId ?? `${kind} ${notice?.what} ${notice?.bytes}`),
    ['request-1', 'request-2', 'request-3', 'log torn 200', 'after-1', 'log torn 200', 'after-2'],
  );
  const { said, breaches } = await verified(dir);
  assert.equal([said, breaches], [['notice 4', 'notice 6', 'torn 0'], 0]);
});

test('a torn line of the day before is set aside too, and so is one that is alone in its file', async () => {
  const dir = await written(1);
  const line = readFileSync(join(dir, FILE));
  appendFileSync(join(dir, FILE), line.subarray(0, 50));
  const { audit, clock } = await bench({ dir });
  clock.now = new Date('2026-11-24T00:00:01Z');
  await audit.append(ENTRY);
  await audit.close();
  assert.equal((await verified(dir)).said, ['notice 1', 'torn 0']);

  const alone = await written(1);
  truncateSync(join(alone, FILE), 50);
  const again = await bench({ dir: alone });
  await again.audit.append(ENTRY);
  await again.audit.close();
  // The head knows that the line was whole once.
  assert.equal(again.notices, ['demo torn', 'demo missing']);
  assert.is((await verified(alone)).breaches, 1);
});

test('a torn line is set aside on disk before it is cut off', async () => {
  const dir = await written(1);
  appendFileSync(join(dir, FILE), 'half a line');
  const done: string[] = [];
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode) {
      const file = await realFs.open(path, flags, mode);
      const { datasync, truncate } = file;
      file.datasync = () => {
        done.push(`sync ${relative(dir, path)}`);
        return datasync.call(file);
      };
      file.truncate = (length) => {
        done.push(`cut ${relative(dir, path)}`);
        return truncate.call(file, length);
      };
      return file;
    },
  };
  const { audit } = await bench({ dir, fs });
  await audit.append(ENTRY, { durable: true });
  // The directories too: a file whose name is not on disk is not there.
  assert.equal(done, ['sync ', 'sync demo', `sync ${TORN}`, `cut ${FILE}`, `sync ${FILE}`]);
  await audit.close();
});

test('a second process of the same replica is refused, and takes over at once when the first is killed', async () => {
  const dir = join(scratch(), 'audit');
  const { open, kill } = startWriter(dir, 'first');
  await open;
  const options = { dir, clock: () => new Date(), onError: () => {} };
  const refused = await rejection(openAudit({ ...options, replica: 'r1' }));
  assert.is(refused.name, 'AuditLocked');
  assert.match(refused.message, 'another process writes the audit log of replica r1');
  await (await openAudit({ ...options, replica: 'r2' })).close();
  await kill();
  const audit = await openAudit({ ...options, replica: 'r1' });
  await audit.append(ENTRY);
  await audit.close();
  assert.is((await verified(dir)).breaches, 0);
});

test.run();
