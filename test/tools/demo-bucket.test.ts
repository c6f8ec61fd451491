import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeDemoBuckets } from '../../src/demo/tools/demo-bucket.js';
import { s3List } from '../../src/demo/tools/s3-list.js';
import { call } from './call.js';

const test = suite('tools/demo-bucket');
let base = '';
test.before(async () => {
  base = await mkdtemp(join(tmpdir(), 'barewire-demo-'));
});
test.after(() => rm(base, { recursive: true, force: true }));

type Page = { objects: { key: string; size: number; lastModified: string }[] };

async function listing(root: string, bucket: string): Promise<Page> {
  return (await call(s3List({ root: () => root }), { bucket, maxKeys: 1000 })) as Page;
}

test('writes 75 reports and 45 logs with fixed sizes and times', async () => {
  writeDemoBuckets(base);
  const reports = await listing(base, 'reports');
  const logs = await listing(base, 'logs');
  assert.equal([reports.objects.length, logs.objects.length], [75, 45]);
  assert.equal(logs.objects[0], {
    key: 'checkout/2026-01-01.log',
    size: 24,
    lastModified: '2026-01-01T23:59:59.000Z',
  });
});
test('writing twice, or elsewhere, gives the same listing and bytes', async () => {
  const first = await listing(base, 'reports');
  writeDemoBuckets(base);
  writeDemoBuckets(join(base, 'again'));
  assert.equal(await listing(base, 'reports'), first);
  assert.equal(await listing(join(base, 'again'), 'reports'), first);
  const hash = async (root: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(join(root, 'reports/growth/2025/07/figures.csv')))
      .digest('hex');
  assert.is(await hash(base), await hash(join(base, 'again')));
});

test.run();
