/** Where the registry is kept: the same promises of a file and of a real PostgreSQL server, and what a killed process leaves. */
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/services/registry/entry.js';
import { newEntry } from '../../src/services/registry/step.js';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { createPostgresStore } from '../../src/services/registry/store/postgres-store.js';
import { NameTaken, type Step, type Store } from '../../src/services/registry/store/store.js';
import { startPostgres } from '../support/postgres.js';
import { ROOT } from '../support/process.js';
import { reportSkip } from '../support/programs.js';
import { scriptArguments } from '../support/script.js';
import { until } from '../support/until.js';
import { AT, BY, manifestOf } from './made.js';

const fail = (error: unknown): void => {
  throw error;
};

/** Adds it, or changes its reason to the number of changes so far. */
function count(address: string): (entry: Entry | undefined) => Step<number> {
  return (before) => {
    const n = Number(before?.switch?.reason ?? 0) + 1;
    const entry: Entry = {
      ...(before ?? newEntry(address, BY, AT)),
      switch: { enabled: true, by: BY, reason: String(n), at: AT },
    };
    const details = [{ kind: 'switched', enabled: true, reason: String(n) } as const];
    return { result: n, put: { entry, name: entry.name, details, by: BY, at: AT } };
  };
}

/** The number of the last change of any entry. */
async function lastSeq(store: Store): Promise<number> {
  const [last] = await store.history({ limit: 1 });
  return last?.seq ?? 0;
}

async function all(store: Store): Promise<Entry[]> {
  const entries: Entry[] = [];
  await store.load((entry) => entries.push(entry));
  return entries.sort((one, two) => (one.address < two.address ? -1 : 1));
}

function promises(test: Test, open: () => Promise<Store>): void {
  test('a change is there after reopening, with its history', async () => {
    const store = await open();
    const made = {
      ...newEntry('https://a/', BY, AT),
      manifest: manifestOf(['x.y']),
      name: 'odd "name" \u{1f600}',
    };
    await store.update('https://a/', () => ({
      result: 0,
      put: {
        entry: made,
        name: made.name,
        details: [{ kind: 'added' }, { kind: 'switched', enabled: false, reason: '\u0000' }],
        by: BY,
        at: AT,
      },
    }));
    const { entry, changes } = await store.update('https://b/', count('https://b/'));
    const last = await lastSeq(store);
    assert.equal([changes.map(({ seq }) => seq), entry?.seq], [[last], last]);
    await store.close();
    const again = await open();
    assert.equal(
      (await all(again)).map(({ address, name, manifest }) => [address, name, manifest?.tools.length]),
      [
        ['https://a/', made.name, 1],
        ['https://b/', 'https://b/', undefined],
      ],
    );
    assert.is(await lastSeq(again), last);
    const history = await again.history({ limit: 10 });
    assert.equal(
      history.map(({ kind }) => kind),
      ['switched', 'switched', 'added'],
    );
    assert.equal(
      (await again.history({ address: 'https://a/', limit: 1 })).map(({ seq }) => seq),
      [history[1]?.seq],
    );
    assert.equal(
      (await again.history({ before: history[1]?.seq ?? 0, limit: 10 })).map(({ kind }) => kind),
      ['added'],
    );
    assert.equal(
      (await again.history({ after: history[1]?.seq ?? 0, limit: 10 })).map(({ seq }) => seq),
      [last],
    );
    await again.update('https://a/', () => ({
      result: 0,
      put: { name: 'a', details: [{ kind: 'removed' }], by: BY, at: AT },
    }));
    assert.equal(
      (await all(again)).map(({ address }) => address),
      ['https://b/'],
    );
    assert.equal(
      (await again.history({ address: 'https://a/', limit: 1 })).map(({ kind }) => kind),
      ['removed'],
    );
    await again.close();
  });

  test('if two entries are given one name at the same time, the second is refused and the first keeps it', async () => {
    const store = await open();
    const named = (address: string) => () => {
      const entry = { ...newEntry(address, BY, AT), name: 'one-name' };
      return { result: 0, put: { entry, name: entry.name, details: [], by: BY, at: AT } };
    };
    const both = ['https://m1/', 'https://m2/'].map((address) => store.update(address, named(address)));
    const settled = await Promise.allSettled(both);
    const refusals = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.is(refusals.length, 1);
    assert.instance(refusals[0], NameTaken);
    const kept = (await all(store)).filter(({ name }) => name === 'one-name');
    assert.is(kept.length, 1);
    const [first] = kept;
    await store.update(first?.address ?? '', () => ({
      result: 0,
      put: { name: 'one-name', details: [{ kind: 'removed' }], by: BY, at: AT },
    }));
    await store.update('https://m3/', named('https://m3/'));
    await store.update('https://m3/', () => ({
      result: 0,
      put: { name: 'one-name', details: [], by: BY, at: AT },
    }));
    await store.close();
  });

  test('forty updates at the same time each see the result of the one before', async () => {
    const store = await open();
    const results = await Promise.all(
      Array.from({ length: 40 }, () => store.update('https://count/', count('https://count/'))),
    );
    assert.equal(
      results.map(({ result }) => result).sort((one, two) => one - two),
      Array.from({ length: 40 }, (_, at) => at + 1),
    );
    const history = await store.history({ address: 'https://count/', limit: 100 });
    assert.is(history.length, 40);
    assert.equal(
      history.map(({ seq }) => seq),
      history.map(({ seq }) => seq).sort((one, two) => two - one),
    );
    await store.close();
  });

  test('a step that puts nothing changes nothing', async () => {
    const store = await open();
    const before = await lastSeq(store);
    const { result, entry, changes } = await store.update('https://none/', () => ({ result: 'seen' }));
    assert.equal([result, entry, changes, await lastSeq(store)], ['seen', undefined, [], before]);
    await store.close();
  });
}

const file = suite('registry/file-store');
let dir = '';
file.before.each(async () => {
  dir = await mkdtemp(join(tmpdir(), 'registry-store-'));
});
file.after.each(() => rm(dir, { recursive: true, force: true }));
promises(file, () => openFileStore(dir, fail));

file('a second process is told whose folder it is', async () => {
  const store = await openFileStore(dir, fail);
  const refused = await openFileStore(dir, fail).catch((error: unknown) => String(error));
  assert.match(String(refused), /another process keeps its registry in .*--registry-dir/);
  await store.close();
});

file('a line that was torn in the middle is cut off, and nothing that was confirmed is lost', async () => {
  const store = await openFileStore(dir, fail);
  await store.update('https://a/', count('https://a/'));
  await store.close();
  const path = join(dir, 'registry.jsonl');
  const whole = await readFile(path, 'utf8');
  await appendFile(path, whole.slice(0, 40));
  const again = await openFileStore(dir, fail);
  await again.update('https://a/', count('https://a/'));
  assert.equal(
    (await all(again)).map((entry) => entry.switch?.reason),
    ['2'],
  );
  await again.close();
  assert.is((await readFile(path, 'utf8')).trimEnd().split('\n').length, 2);
});

file('a line in the middle that cannot be read is named, and nothing is thrown away', async () => {
  const path = join(dir, 'registry.jsonl');
  await writeFile(path, '{"address":"a","changes":[]}\n{broken\n{"address":"b","changes":[]}\n');
  const refused = await openFileStore(dir, fail).catch((error: unknown) => String(error));
  assert.match(String(refused), /registry\.jsonl:2: this line of the registry cannot be read/);
  assert.is((await readFile(path, 'utf8')).split('\n').length, 4);
});

file('outdated entries are thinned out and the history stays', async () => {
  const store = await openFileStore(dir, fail);
  const big =
    (at: number) =>
    (before: Entry | undefined): Step<number> => {
      const { result, put } = count('https://big/')(before);
      const entry = {
        ...(put?.entry ?? newEntry('https://big/', BY, AT)),
        name: `${at}${'x'.repeat(200_000)}`,
      };
      return {
        result,
        put: {
          ...put,
          entry,
          name: 'big',
          details: put?.details ?? [],
          by: BY,
          at: AT,
        },
      };
    };
  for (let at = 0; at < 120; at += 1) await store.update('https://big/', big(at));
  const { size } = await stat(join(dir, 'registry.jsonl'));
  assert.ok(size < 17 * 1024 * 1024, `${size} bytes are left of 24,000,000`);
  assert.is((await store.history({ address: 'https://big/', limit: 500 })).length, 120);
  await store.close();
  const again = await openFileStore(dir, fail);
  assert.equal(
    (await all(again)).map((entry) => entry.switch?.reason),
    ['120'],
  );
  assert.is((await again.history({ limit: 500 })).length, 120);
  await again.close();
});

file('a process that is killed has lost nothing that it confirmed', async () => {
  let highest = 0;
  for (let round = 0; round < 5; round += 1) {
    const writer = spawn(process.execPath, [...scriptArguments('test/registry/killed-writer.ts'), dir], {
      cwd: ROOT,
    });
    let told = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      told += chunk;
    });
    await until(() => told.split('\n').length > 30 + round * 7, 'the writer');
    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('close', resolve));
    const last = Math.max(...told.split('\n').map(Number).filter(Number.isFinite));
    assert.ok(last > highest);
    const store = await openFileStore(dir, fail);
    const kept = (await all(store)).map((entry) => Number(entry.switch?.reason))[0] ?? 0;
    assert.ok(kept >= last, `kept ${kept}, told ${last}`);
    assert.is(
      (await store.history({ limit: 100_000 })).length,
      kept,
      'each change has its line in the history',
    );
    await store.close();
    highest = kept;
  }
});
file.run();

const tables = suite('registry/postgres-store');
const server = await startPostgres();
if (server === undefined) reportSkip('registry/postgres-store', 'PostgreSQL is not installed here');
tables.after(() => server?.stop());
const served = (server === undefined ? tables.skip : tables) as Test;
const opened: Store[] = [];
async function open(): Promise<Store> {
  const store = createPostgresStore(server?.url ?? '', () => undefined);
  opened.push(store);
  return store;
}
promises(served, open);

served("replicas are notified of each other's changes, and one of them leads until it is gone", async () => {
  const [one, two] = [await open(), await open()];
  const heard: (string | undefined)[] = [];
  two.watch((address) => heard.push(address));
  await until(() => heard.length > 0, 'the channel');
  await one.update('https://told/', count('https://told/'));
  await until(() => heard.includes('https://told/'), 'the other replica');
  assert.is((await two.get('https://told/'))?.switch?.reason, '1');
  assert.equal(await Promise.all([one.leads(), one.leads()]), [true, true], 'asked twice at once');
  assert.equal([await one.leads(), await two.leads(), await one.leads()], [true, false, true]);
  await one.close();
  let leads = false;
  for (let turn = 0; turn < 50 && !leads; turn += 1) leads = await two.leads();
  assert.ok(leads);
  await two.close();
});

served('if two replicas give the same name to two servers, one is refused', async () => {
  const [one, two] = [await open(), await open()];
  const named = (address: string) => () => {
    const entry = { ...newEntry(address, BY, AT), name: 'same' };
    return { result: 0, put: { entry, name: 'same', details: [], by: BY, at: AT } };
  };
  await one.update('https://n1/', named('https://n1/'));
  const refused = await two.update('https://n2/', named('https://n2/')).catch((error: unknown) => error);
  assert.instance(refused, NameTaken);
  await Promise.all([one.close(), two.close()]);
});
tables.run();
