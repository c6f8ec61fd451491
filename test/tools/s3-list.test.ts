import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { s3List } from '../../src/demo/tools/s3-list.js';
import { call, misfit, refusal } from './call.js';

type Page = {
  objects: { key: string; size: number; lastModified: string }[];
  commonPrefixes: string[];
  isTruncated: boolean;
  nextContinuationToken?: string;
};

const test = suite('tools/s3-list');
let base = '';
let root = '';
let tool = s3List({ root: () => root });

// Written in the order S3 lists them: UTF-8 bytes, so capitals first, "-" and "." before "/", emoji after "ﬀ".
const KEYS = [
  'A.txt',
  'a b.txt',
  'a-b/1.txt',
  'a.txt',
  'a/1.txt',
  'a/b/1.txt',
  'a/b/2.txt',
  'a/b.txt',
  'a/c/d/e/f.txt',
  'a0.txt',
  'b%2e%2e.txt',
  'b\\c.txt',
  'docs/read me.md',
  'docs/é.md',
  'z/1',
  'é.txt',
  'ﬀ.txt',
  '😀.txt',
];

test.before(async () => {
  base = await mkdtemp(join(tmpdir(), 'barewire-s3-'));
  root = join(base, 'buckets');
  tool = s3List({ root: () => root });
  await put(join(base, 'secret.txt'));
  await put(join(base, 'outside', 'secret.txt'));
  for (const key of [...KEYS].reverse()) await put(join(root, 'main', ...key.split('/')));
  await mkdir(join(root, 'main', 'empty', 'deeper'), { recursive: true });
  await put(join(root, 'other', 'only.txt'));
  await put(join(root, 'Not_A_Bucket', 'x.txt'));
  await put(join(root, 'file'));
  await writeFile(join(root, 'main', 'a.txt'), 'héllo');
  await utimes(
    join(root, 'main', 'a.txt'),
    new Date('2026-01-02T03:04:05Z'),
    new Date('2026-01-02T03:04:05Z'),
  );

  await symlink(join(base, 'secret.txt'), join(root, 'main', 'link-to-file'));
  await symlink(join(base, 'outside'), join(root, 'main', 'link-to-folder'));
  await symlink('../../../outside', join(root, 'main', 'a', 'relative-link'));
  await symlink('.', join(root, 'main', 'a', 'loop'));
  await symlink('nowhere', join(root, 'main', 'dangling'));
  await symlink(join(base, 'outside'), join(root, 'linked-bucket'));
  await promisify(execFile)('mkfifo', [join(root, 'main', 'pipe')]);
});
test.after(() => rm(base, { recursive: true, force: true }));

async function put(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'x');
}

async function list(args: { [key: string]: unknown } = {}): Promise<Page> {
  return (await call(tool, { bucket: 'main', ...args })) as Page;
}

async function keys(args: { [key: string]: unknown } = {}): Promise<string[]> {
  return (await list(args)).objects.map(({ key }) => key);
}

/** Every page to the end, and how many there were. */
async function walkPages(args: { [key: string]: unknown }): Promise<{ pages: Page[]; seen: string[] }> {
  const pages = [await list(args)];
  for (let page = pages[0]; page?.nextContinuationToken !== undefined && pages.length < 50; ) {
    page = await list({ ...args, continuationToken: page.nextContinuationToken });
    pages.push(page);
  }
  const seen = pages.flatMap(({ objects, commonPrefixes }) => [
    ...objects.map(({ key }) => key),
    ...commonPrefixes,
  ]);
  return { pages, seen };
}

test('lists all files of the bucket in UTF-8 byte order, and nothing else', async () => {
  const expected = [...KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const page = await list();
  assert.equal(
    page.objects.map(({ key }) => key),
    expected,
  );
  assert.equal(page.commonPrefixes, []);
  assert.is(page.isTruncated, false);
  assert.is(page.nextContinuationToken, undefined);
});
test('has size in bytes and the time of the last change', async () => {
  const { objects } = await list({ prefix: 'a.txt' });
  assert.equal(objects, [{ key: 'a.txt', size: 6, lastModified: '2026-01-02T03:04:05.000Z' }]);
});
test('a prefix is plain text and may end within a name', async () => {
  assert.equal(await keys({ prefix: 'a/b' }), ['a/b.txt', 'a/b/1.txt', 'a/b/2.txt']);
  assert.equal(await keys({ prefix: 'a/b/' }), ['a/b/1.txt', 'a/b/2.txt']);
  assert.equal(await keys({ prefix: 'docs/é' }), ['docs/é.md']);
  assert.equal(await keys({ prefix: 'nothing/like/this' }), []);
});
test('a delimiter rolls deeper keys up; folders without files do not exist', async () => {
  const top = await list({ delimiter: '/' });
  assert.equal(top.commonPrefixes, ['a-b/', 'a/', 'docs/', 'z/']);
  assert.equal(
    top.objects.map(({ key }) => key),
    KEYS.filter((key) => !key.includes('/')),
  );
  const inside = await list({ delimiter: '/', prefix: 'a/' });
  assert.equal(inside.commonPrefixes, ['a/b/', 'a/c/']);
  assert.equal(
    inside.objects.map(({ key }) => key),
    ['a/1.txt', 'a/b.txt'],
  );
  assert.equal((await list({ delimiter: '/', prefix: 'a' })).commonPrefixes, ['a-b/', 'a/']);
});
test('any text can be the delimiter', async () => {
  assert.equal((await list({ delimiter: '.', prefix: 'a/' })).commonPrefixes, [
    'a/1.',
    'a/b.',
    'a/b/1.',
    'a/b/2.',
    'a/c/d/e/f.',
  ]);
  assert.equal((await list({ delimiter: '/b', prefix: '' })).commonPrefixes, ['a/b']);
});

for (const maxKeys of [1, 2, 3, 7, 18, 19]) {
  test(`pages of ${maxKeys} hold every key exactly once`, async () => {
    const { pages, seen } = await walkPages({ maxKeys });
    assert.equal(seen, await keys());
    assert.is(pages.length, Math.ceil(KEYS.length / maxKeys));
    for (const { objects, isTruncated } of pages.slice(0, -1))
      assert.is(objects.length === maxKeys && isTruncated, true);
    assert.is(pages.at(-1)?.isTruncated, false);
  });
  test(`pages of ${maxKeys} with a delimiter hold every key and common prefix exactly once`, async () => {
    for (const shape of [{ delimiter: '/' }, { delimiter: '/', prefix: 'a/' }, { delimiter: '.' }]) {
      const { seen } = await walkPages({ maxKeys, ...shape });
      const whole = await list({ maxKeys: 1000, ...shape });
      const all = [...whole.objects.map(({ key }) => key), ...whole.commonPrefixes];
      assert.equal(seen.sort(), all.sort());
      assert.is(new Set(seen).size, seen.length);
    }
  });
}
test('objects and common prefixes count together', async () => {
  const page = await list({ delimiter: '/', maxKeys: 4 });
  assert.equal(
    page.objects.map(({ key }) => key),
    ['A.txt', 'a b.txt', 'a.txt'],
  );
  assert.equal(page.commonPrefixes, ['a-b/']);
});
test('startAfter skips up to and with a key, which need not exist', async () => {
  assert.equal(await keys({ startAfter: 'é.txt' }), ['ﬀ.txt', '😀.txt']);
  assert.equal((await keys({ startAfter: 'a/b/1' })).slice(0, 2), ['a/b/1.txt', 'a/b/2.txt']);
  assert.equal((await keys({ startAfter: 'a/b/1.txt' }))[0], 'a/b/2.txt');
  assert.equal(await keys({ startAfter: '\u{10FFFF}' }), []);
});
test('a token makes startAfter moot', async () => {
  const { nextContinuationToken } = await list({ maxKeys: 1 });
  assert.is((await keys({ continuationToken: nextContinuationToken, startAfter: 'z' }))[0], 'a b.txt');
});
test('a token is stable, and opens only the listing it belongs to', async () => {
  const { nextContinuationToken: token = '' } = await list({ maxKeys: 2 });
  assert.is((await list({ maxKeys: 2 })).nextContinuationToken, token);
  const message =
    'continuationToken is not valid here; pass nextContinuationToken unchanged, with the same bucket, prefix and delimiter';
  const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
  for (const bad of [
    { continuationToken: changed },
    { continuationToken: token.slice(0, -4) },
    { continuationToken: '' },
    { continuationToken: 'nonsense' },
    { continuationToken: Buffer.from('../../secret.txt').toString('base64url') },
    { continuationToken: token, prefix: 'a' },
    { continuationToken: token, delimiter: '/' },
    { continuationToken: token, bucket: 'other' },
  ]) {
    assert.is(await refusal(tool, { bucket: 'main', maxKeys: 2, ...bad }), message);
  }
});

const ESCAPES = [
  '../',
  '..',
  '../secret',
  '../../outside/',
  '/',
  '/etc/',
  '//',
  './',
  'a/../',
  'a/../../',
  'a//b',
  '..\\',
  'a\\',
  '%2e%2e/',
  '%2E%2E%2F',
  '..%2f',
  'a/%2e%2e/',
  '\0',
  'a/\0',
  'link-to-folder/',
  'link-to-file',
  'a/relative-link/',
  'a/loop/',
  'dangling',
  'pipe',
  'C:\\',
  '~/',
];
for (const prefix of ESCAPES) {
  test(`prefix ${JSON.stringify(prefix)} leads nowhere`, async () => {
    for (const delimiter of ['', '/']) {
      const page = await list({ prefix, delimiter });
      assert.equal([page.objects, page.commonPrefixes], [[], []]);
    }
  });
}
test('percent signs and backslashes are ordinary characters of a key', async () => {
  assert.equal(await keys({ prefix: 'b%2e' }), ['b%2e%2e.txt']);
  assert.equal(await keys({ prefix: 'b\\' }), ['b\\c.txt']);
});

test('an unknown bucket is answered with the known ones', async () => {
  for (const bucket of [
    'nope',
    'linked-bucket',
    '../buckets/main',
    'main/a',
    'file',
    'Not_A_Bucket',
    '...',
    'main\0',
  ]) {
    assert.is(await refusal(tool, { bucket }), `there is no bucket "${bucket}"; use one of main, other`);
  }
});
test('each bucket is its own', async () => {
  assert.equal(await keys({ bucket: 'other' }), ['only.txt']);
});
test('a folder that became a link while it was being listed is not entered', async () => {
  const bucket = join(root, 'other');
  await put(join(bucket, 'turn', 'mine.txt'));
  const { walk } = await import('../../src/demo/tools/s3-walk.js');
  const found = walk(bucket, { prefix: '', after: '', skip: undefined }, 100, new AbortController().signal);
  assert.is((await found.next()).value?.key, 'only.txt');
  await rm(join(bucket, 'turn'), { recursive: true });
  await symlink(join(base, 'outside'), join(bucket, 'turn'));
  assert.is((await found.next()).done, true);
  await rm(join(bucket, 'turn'));
});

test('a listing that would hold too many names at once is refused, a narrower one is not', async () => {
  const small = s3List({ root: () => root, maxEntries: 5 });
  assert.is(
    await refusal(small, { bucket: 'main' }),
    'more than 5 files and folders match; ask for a longer prefix',
  );
  const page = (await call(small, { bucket: 'main', prefix: 'a/b/' })) as Page;
  assert.is(page.objects.length, 2);
});
test('only folders that can match are read', async () => {
  // Four names lie on the way: a/, a/c/, a/c/d/, a/c/d/e/ and the file make five.
  const small = s3List({ root: () => root, maxEntries: 5 });
  const page = (await call(small, { bucket: 'main', prefix: 'a/c/d/e/f' })) as Page;
  assert.is(page.objects.length, 1);
});
test('an aborted call ends with the reason of its signal', async () => {
  const reason = new Error('the caller left');
  try {
    await call(tool, { bucket: 'main' }, AbortSignal.abort(reason));
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
});
test('the schema keeps arguments in bounds', () => {
  assert.is(misfit(tool, { bucket: 'main' }), undefined);
  assert.is(misfit(tool, { bucket: 'main', maxKeys: 0 }), '/maxKeys');
  assert.is(misfit(tool, { bucket: 'main', maxKeys: 1001 }), '/maxKeys');
  assert.is(misfit(tool, { bucket: 'main', maxKeys: 1.5 }), '/maxKeys');
  assert.is(misfit(tool, { bucket: 'main', prefix: 'x'.repeat(1025) }), '/prefix');
  assert.is(misfit(tool, { bucket: 5 }), '/bucket');
});

test.run();
