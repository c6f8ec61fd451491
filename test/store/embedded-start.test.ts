import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseUnprepared } from '../../src/demo/database/database.js';
import { openEmbedded, prepareEmbedded } from '../../src/demo/database/embedded.js';
import { PREPARATION, preparation } from '../../src/demo/database/prepared.js';
import { failure, LIMITS } from './engine.js';

const test = suite('store/embedded-start');

test('builds the prepared directory once when two ask for it at the same time', async () => {
  const cacheHome = mkdtempSync(join(tmpdir(), 'barewire-cache-'));
  try {
    const [first, second] = await Promise.all([
      prepareEmbedded({ cacheHome }),
      prepareEmbedded({ cacheHome }),
    ]);
    assert.is(first, second);
    assert.is(readdirSync(join(cacheHome, 'barewire')).length, 1);
    const copy = openEmbedded({ cacheHome });
    assert.equal((await copy.read('select count(*) from demo.orders', [], LIMITS)).rows, [['1500']]);
    await copy.close();
  } finally {
    rmSync(cacheHome, { recursive: true });
  }
});

test('builds a damaged prepared directory again, and removes what a killed build left behind', async () => {
  const cacheHome = mkdtempSync(join(tmpdir(), 'barewire-cache-'));
  const cache = join(cacheHome, 'barewire');
  const [old, young] = [join(cache, 'building-old'), join(cache, 'building-young')];
  for (const path of [old, young]) mkdirSync(path, { recursive: true });
  utimesSync(old, 0, 0);
  try {
    const prepared = await prepareEmbedded({ cacheHome });
    assert.equal(readdirSync(cache).sort(), ['building-young', basename(prepared)]);
    const marker = readdirSync(prepared).filter((name) => name.startsWith('barewire-'));
    assert.is(marker.length, 1);
    rmSync(join(prepared, marker[0] ?? ''));
    rmSync(join(prepared, 'base'), { recursive: true });
    assert.is(await prepareEmbedded({ cacheHome }), prepared);
    assert.ok(readdirSync(prepared).includes('base'));
  } finally {
    rmSync(cacheHome, { recursive: true });
  }
});

test('does without a cache where none can be written, and says why in one line', async () => {
  const lines: string[] = [];
  const other = openEmbedded({ cacheHome: '/dev/null', onError: (line) => lines.push(String(line)) });
  assert.equal((await other.read('select count(*) from demo.customers', [], LIMITS)).rows, [['400']]);
  await other.close();
  assert.is(lines.length, 3);
  assert.match(
    lines[0] ?? '',
    /cannot be kept in \/dev\/null\/barewire, .*\(--cache-home\): ENOTDIR: not a directory/,
  );
});

test('says that it prepares the data, and how long that took, on the first start only', async () => {
  const cacheHome = mkdtempSync(join(tmpdir(), 'barewire-cache-'));
  const lines: string[] = [];
  try {
    for (let start = 1; start <= 2; start++) {
      const other = openEmbedded({ cacheHome, onError: (line) => lines.push(String(line)) });
      await other.preparing();
      assert.is(other.preparing(), undefined);
      await other.close();
      assert.is(lines.length, 2, `start ${start}`);
    }
    assert.is(lines[0], 'preparing the demo data, which takes some seconds');
    assert.match(lines[1] ?? '', /^the demo data is ready after \d+\.\d s$/);
  } finally {
    rmSync(cacheHome, { recursive: true });
  }
});

test('gives the preparation up when it is closed, and leaves nothing behind', async () => {
  const cacheHome = mkdtempSync(join(tmpdir(), 'barewire-cache-'));
  const events: string[] = [];
  let begun = (): void => {};
  const building = new Promise<void>((resolve) => {
    begun = resolve;
  });
  try {
    const other = openEmbedded({
      cacheHome,
      onError(_, event) {
        events.push(event);
        begun();
      },
    });
    const preparing = other.preparing();
    await building;
    await other.close();
    await preparing;
    assert.equal(events, ['database.preparing']);
    assert.equal(readdirSync(join(cacheHome, 'barewire')), []);
  } finally {
    rmSync(cacheHome, { recursive: true });
  }
});

test('says what is wrong when there is nowhere to prepare the data, and tries again later', async () => {
  const before = process.env.TMPDIR;
  const folder = join(mkdtempSync(join(tmpdir(), 'barewire-nowhere-')), 'missing');
  process.env.TMPDIR = folder;
  const other = openEmbedded();
  try {
    for (const attempt of [other.preparing(), other.ready(), other.read('select 1', [], LIMITS)]) {
      const error = await failure(attempt ?? Promise.resolve());
      assert.ok(error instanceof DatabaseUnprepared, String(error));
      assert.match(String(error.cause), /ENOENT.*barewire-nowhere/);
    }
    mkdirSync(folder);
    assert.equal((await other.read('select 1', [], LIMITS)).rows, [[1]]);
  } finally {
    await other.close();
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(dirname(folder), { recursive: true });
  }
});

test('names the prepared directory after what prepares it', () => {
  const hash = createHash('sha256').update(preparation().join(';')).digest('hex').slice(0, 16);
  assert.is(PREPARATION, hash, 'write the hash that came to PREPARATION in prepared.ts');
});

test.run();
