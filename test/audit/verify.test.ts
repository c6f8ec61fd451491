import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layOut, seal } from '../../src/governance/audit/record-line.js';
import { bench, ENTRY, linesOf, recordsIn, verified, written } from './logs.js';

const test = suite('audit/verify');
const FILE = 'demo/2026-11-23.r1.jsonl';
const HEAD = 'demo/r1.head';

/** Three days of four records each. */
async function threeDays(): Promise<string> {
  const { audit, dir, clock } = await bench();
  for (const day of ['2026-11-23', '2026-11-24', '2026-11-25']) {
    clock.now = new Date(`${day}T12:00:00Z`);
    for (let n = 0; n < 4; n += 1) await audit.append(ENTRY);
  }
  await audit.close();
  return dir;
}

async function tampered(change: (lines: string[]) => string[], file = FILE) {
  const dir = await written(8);
  const path = join(dir, file);
  writeFileSync(path, change(linesOf(path)).join('\n').concat('\n'));
  return { dir, ...(await verified(dir)) };
}

/** The line again, with another member and a hash that fits. */
function resealed(line: string, change: { [name: string]: unknown }): string {
  const { seq, prev, hash: _, time, ...entry } = { ...JSON.parse(line), ...change };
  return seal(layOut(entry, new Date(time), 'r1', 8192), seq, prev).line.trimEnd();
}

const at = (lines: string[], n: number) => lines[n - 1] ?? '';

test('a log that nobody touched has no findings, and the report has its counts and heads', async () => {
  const dir = await threeDays();
  const { findings, records, files, breaches, heads } = await verified(dir);
  assert.equal([findings, records, files, breaches], [[], 12, 3, 0]);
  assert.equal(heads, [{ folder: 'demo', replica: 'r1', seq: 12, hash: recordsIn(dir)[11]?.hash }]);
});

test('each byte of a line counts: a change of any one is found', async () => {
  const dir = await written(3);
  const path = join(dir, FILE);
  const whole = readFileSync(path);
  const [start, end] = [whole.indexOf(10) + 1, whole.indexOf(10, whole.indexOf(10) + 1)];
  let missed = 0;
  for (let place = start; place < end; place += 1) {
    const bytes = Buffer.from(whole);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { breaches, findings } = await verified(dir);
    if (breaches === 0 || !findings.some(({ line }) => line === 2 || line === 3)) missed += 1;
  }
  assert.is(missed, 0);
});

test('a changed value is found where it stands', async () => {
  const { findings } = await tampered((lines) =>
    lines.map((line, n) => (n === 4 ? line.replace('alice', 'mallory') : line)),
  );
  assert.equal(findings, [
    { file: FILE, line: 5, what: 'changed', detail: 'the line does not match its hash', breach: true },
  ]);
});

test('bytes that read alike but differ are found', async () => {
  const { audit, dir } = await bench();
  await audit.append({ ...ENTRY, client: 'a\ufffdb' });
  await audit.close();
  const path = join(dir, FILE);
  writeFileSync(
    path,
    Buffer.from(readFileSync(path).toString('latin1').replace('\xef\xbf\xbd', '\xff'), 'latin1'),
  );
  assert.equal((await verified(dir)).said, ['not JSON 1']);
});

test('a changed value whose hash was computed again is found at the record that follows', async () => {
  const { said } = await tampered((lines) =>
    lines.map((line, n) => (n === 4 ? resealed(line, { outcome: 'error' }) : line)),
  );
  assert.equal(said, ['changed 6']);
});

test('removed lines are found, and which they were', async () => {
  const one = await tampered((lines) => lines.filter((_, n) => n !== 3));
  assert.equal(
    one.findings.map(({ what, line, detail }) => [what, line, detail]),
    [['removed', 4, 'record 4 is missing']],
  );
  const first = await tampered((lines) => lines.slice(2));
  assert.equal(
    first.findings.map(({ detail }) => detail),
    ['records 1 to 2 are missing'],
  );
});

test('swapped lines are found as moved, and none is called missing', async () => {
  const { said } = await tampered((lines) => [
    ...lines.slice(0, 2),
    at(lines, 4),
    at(lines, 3),
    ...lines.slice(4),
  ]);
  assert.equal(said, ['reordered 4']);
  const far = await tampered((lines) => [...lines.slice(1, 7), at(lines, 1), at(lines, 8)]);
  assert.equal(far.said, ['reordered 7']);
});

test('a duplicate line is found', async () => {
  const { said } = await tampered((lines) => [...lines.slice(0, 5), at(lines, 2), ...lines.slice(5)]);
  assert.equal(said, ['added 6']);
});

test('lines that are not records are found, and the records around them are not reported', async () => {
  const { said } = await tampered((lines) => [
    ...lines.slice(0, 3),
    'nonsense',
    '',
    '{"seq":4}',
    ...lines.slice(3),
  ]);
  assert.equal(said, ['not JSON 4', 'not JSON 5', 'not JSON 6']);
  const instead = await tampered((lines) => [...lines.slice(0, 3), 'nonsense', ...lines.slice(4)]);
  assert.equal(instead.said, ['not JSON 4']);
});

test('a line of any length is skipped without being held in memory', async () => {
  const { said } = await tampered((lines) => [at(lines, 1), 'x'.repeat(9_000_000), ...lines.slice(1)]);
  assert.equal(said, ['not JSON 2']);
});

test('a forged line is found inside the log, and at its end unless it is chained with a hash that fits', async () => {
  const inside = await tampered((lines) => [
    ...lines.slice(0, 4),
    resealed(at(lines, 5), { outcome: 'forged' }),
    ...lines.slice(4),
  ]);
  assert.equal(inside.said, ['added 6', 'changed 7']);
  const forged = '{"kind":"outcome","prev":"00","seq":9,"time":"x","hash":"00"}';
  assert.equal((await tampered((lines) => [...lines, forged])).said, ['not JSON 9']);
  const wrongLink = (lines: string[]) => resealed(at(lines, 8), { seq: 9, prev: 'b'.repeat(64) });
  assert.equal((await tampered((lines) => [...lines, wrongLink(lines)])).said, ['changed 9']);

  // Anyone who can write the file can also compute the hash: only a copy kept elsewhere reveals the change.
  const follows = (lines: string[]) =>
    resealed(at(lines, 8), { seq: 9, prev: JSON.parse(at(lines, 8)).hash });
  const { dir, said } = await tampered((lines) => [...lines, follows(lines)]);
  assert.equal(said, []);
  assert.is(recordsIn(dir).length, 9);
});

test('a forged line beside a running writer is found, and the head tells which of the two it is', async () => {
  const { audit, dir } = await bench();
  for (let n = 0; n < 3; n += 1) await audit.append(ENTRY);
  const path = join(dir, FILE);
  const lines = linesOf(path);
  const forged = resealed(at(lines, 3), { seq: 4, prev: JSON.parse(at(lines, 3)).hash, outcome: 'forged' });
  writeFileSync(path, `${forged}\n`, { flag: 'a' });
  await audit.append(ENTRY);
  await audit.close();
  assert.equal((await verified(dir)).said, ['changed 4', 'added 5']);
});

test('a removed file is found: the first, one between, and the last by the head', async () => {
  const rows: [day: string, what: string, detail: string][] = [
    ['2026-11-23', 'removed 1', 'records 1 to 4 are missing'],
    ['2026-11-24', 'removed 1', 'records 5 to 8 are missing'],
    ['2026-11-25', 'removed 4', 'the log ends with record 8; the head file knows 12'],
  ];
  for (const [day, what, detail] of rows) {
    const dir = await threeDays();
    rmSync(join(dir, `demo/${day}.r1.jsonl`));
    const { said, findings } = await verified(dir);
    assert.equal(said, [what], day);
    assert.is(findings[0]?.detail, detail);
  }
});

test('a file that changed places with another is found', async () => {
  const dir = await threeDays();
  const [first, second] = ['demo/2026-11-23.r1.jsonl', 'demo/2026-11-24.r1.jsonl'].map((name) =>
    join(dir, name),
  );
  const [a, b] = [first, second].map((path) => readFileSync(path ?? ''));
  writeFileSync(first ?? '', b ?? '');
  writeFileSync(second ?? '', a ?? '');
  assert.equal((await verified(dir)).said, ['reordered 1', 'reordered 2', 'reordered 3', 'reordered 4']);
});

test('a cut tail is found by the head, at a line break and inside a line', async () => {
  const { said } = await tampered((lines) => lines.slice(0, 6));
  assert.equal(said, ['removed 6']);
  const dir = await written(8);
  const path = join(dir, FILE);
  truncateSync(path, readFileSync(path).length - 20);
  const inside = await verified(dir);
  assert.equal(inside.said, ['torn 8', 'removed 8']);
  assert.is(inside.breaches, 1);
});

test('a cut tail is still found after the log went on, and the log reports it itself', async () => {
  const dir = await written(8);
  const path = join(dir, FILE);
  writeFileSync(path, linesOf(path).slice(0, 6).join('\n').concat('\n'));
  const { audit, notices } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(notices, ['demo missing']);
  assert.equal((await verified(dir)).said, ['notice 7', 'removed 7']);
});

test('a last record that was rewritten is found, even after the log went on', async () => {
  const change = (lines: string[]) => [...lines.slice(0, 7), resealed(at(lines, 8), { outcome: 'error' })];
  const { dir, said } = await tampered(change);
  assert.equal(said, ['changed 8']);
  const { audit, notices } = await bench({ dir });
  await audit.append(ENTRY);
  await audit.close();
  assert.equal(notices, ['demo missing']);
  assert.equal((await verified(dir)).said, ['changed 9', 'notice 9']);
});

test('heads kept elsewhere reveal what was cut together with the head beside it, and a missing tenant', async () => {
  const dir = await threeDays();
  const { heads: kept } = await verified(dir);
  assert.equal((await verified(dir, { keptHeads: kept })).said, []);
  rmSync(join(dir, 'demo/2026-11-25.r1.jsonl'));
  rmSync(join(dir, HEAD));
  assert.equal((await verified(dir)).said, [], 'without it the chain is whole');
  assert.equal((await verified(dir, { keptHeads: kept })).said, ['removed 4']);
  rmSync(join(dir, 'demo'), { recursive: true });
  assert.equal((await verified(dir)).said, []);
  assert.equal((await verified(dir, { keptHeads: kept })).said, ['removed 0']);
});

test('a head kept elsewhere reveals a chain that was rewritten from some record on', async () => {
  const dir = await written(8);
  const { heads: kept } = await verified(dir);
  const path = join(dir, FILE);
  const lines = linesOf(path);
  for (let n = 4; n <= 8; n += 1) {
    lines[n - 1] = resealed(at(lines, n), { outcome: 'rewritten', prev: JSON.parse(at(lines, n - 1)).hash });
  }
  writeFileSync(path, lines.join('\n').concat('\n'));
  rmSync(join(dir, HEAD));
  assert.equal((await verified(dir)).said, []);
  assert.equal((await verified(dir, { keptHeads: kept })).said, ['changed 8']);
});

test("one tenant's or replica's log does not pass for another's", async () => {
  const dir = await written(3);
  cpSync(join(dir, 'demo'), join(dir, 'acme'), { recursive: true });
  cpSync(join(dir, FILE), join(dir, 'demo/2026-11-23.r2.jsonl'));
  const { findings } = await verified(dir);
  assert.equal(
    findings.map(({ file, what, line }) => `${file} ${what} ${line}`),
    ['acme/2026-11-23.r1.jsonl changed 1', 'demo/2026-11-23.r2.jsonl changed 1'],
  );
});

test('days that were archived are not missed if the first remaining day is named', async () => {
  const dir = await threeDays();
  assert.is((await verified(dir, { from: '2026-11-24' })).records, 8);
  rmSync(join(dir, 'demo/2026-11-23.r1.jsonl'));
  const { said, records } = await verified(dir, { from: '2026-11-24' });
  assert.equal([said, records], [[], 8]);
  rmSync(join(dir, 'demo/2026-11-25.r1.jsonl'));
  assert.equal((await verified(dir, { from: '2026-11-24' })).said, ['removed 4']);
});

test('a log may be verified while it is written', async () => {
  const { audit, dir, tick } = await bench();
  let writing = true;
  const writer = (async () => {
    while (writing) {
      await Promise.all(Array.from({ length: 20 }, () => audit.append(ENTRY)));
      await tick();
    }
  })();
  for (let round = 0; round < 20; round += 1) assert.is((await verified(dir)).breaches, 0);
  writing = false;
  await writer;
  await audit.close();
  assert.ok((await verified(dir)).records >= 20);
});

test('memory stays within bounds whatever the size of the log', async () => {
  const dir = await written(20_000);
  const before = process.memoryUsage().rss;
  const { records } = await verified(dir);
  assert.is(records, 20_000);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

test('the hash is one that other tools can compute from the bytes', async () => {
  const dir = await written(2);
  const [first, second] = linesOf(join(dir, FILE));
  const [, open, hash] = /^(.*),"hash":"([0-9a-f]{64})"\}$/.exec(first ?? '') ?? [];
  assert.is(createHash('sha256').update(`${open}}`).digest('hex'), hash);
  assert.is(JSON.parse(second ?? '').prev, hash);
});

test.run();
