import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderName } from '../../src/governance/audit/names.js';
import { bench, ENTRY, filesIn, recordsIn, scratch, verified } from './logs.js';

const test = suite('audit/names');

test('an ordinary tenant is its own folder', () => assert.is(folderName('acme-2'), 'acme-2'));

test('a folder name has safe characters only and fits a file system', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const folder = folderName(name);
      assert.match(folder, /^[a-z0-9_-]+$/);
      assert.ok(folder.length <= 160);
      assert.is.not(folder, folderName(undefined));
    }),
  );
});

test('no two tenants share a folder, not even where case or broken characters are ignored', () => {
  const long = 'x'.repeat(500);
  const names = [undefined, '', ' ', '_', '__', '.', '..', '/', '\\', 'a', 'A', 'á', 'a\u0301', 'unknown'];
  names.push('_unknown', '_75nknown', 'a/b', 'a_2fb', '\ud800', '\udc00', '\ufffd', '\0', long, `${long}x`);
  names.push(long.toUpperCase(), 'con', 'demo.', 'demo ', '-rf', '%2e%2e', '\u202edemo', folderName(long));
  const folders = names.map(folderName);
  assert.is(new Set(folders.map((folder) => folder.toLowerCase())).size, names.length);
  const root = scratch();
  for (const folder of folders) mkdirSync(join(root, folder));
  assert.is(readdirSync(root).length, names.length);
});

test('any two names have two folders', () => {
  const any = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 80 });
  fc.assert(fc.property(any, any, (a, b) => a === b || folderName(a) !== folderName(b)));
});

test('a hostile tenant name writes inside the directory, in a folder of its own', async () => {
  const { audit, dir } = await bench();
  const names = ['../../outside', '/etc', '..', 'a\0b', '.lock.r1.1', 'demo\nhead', undefined];
  for (const tenant of names) await audit.append({ ...ENTRY, tenant });
  await audit.close();
  assert.equal(readdirSync(join(dir, '..')), ['audit']);
  const folders = new Set(filesIn(dir).map((file) => file.split('/')[0] ?? ''));
  assert.is(folders.size, names.length);
  for (const tenant of names) assert.is(recordsIn(dir, folderName(tenant))[0]?.tenant, tenant ?? null);
  assert.equal((await verified(dir)).said, []);
});

test.run();
