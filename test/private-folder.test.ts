import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Owner, thisProcess } from '../src/cluster/process-owner.js';
import { removeAbandoned } from '../src/demo/database/private-folder.js';
import { LOADER, modulePath } from './support/script.js';

const test = suite('private-folder');
const parent = mkdtempSync(join(tmpdir(), 'private-folder-test-'));
test.after(() => rmSync(parent, { recursive: true }));
test.before.each(() => {
  for (const name of readdirSync(parent)) rmSync(join(parent, name), { recursive: true });
});

/** A process of its own, whose temporary files are in `parent`. */
function run(script: string): { signal: NodeJS.Signals | null; stdout: string } {
  const module = pathToFileURL(modulePath('src/demo/database/private-folder.ts'));
  const source = `import { makePrivateFolder } from '${module}';\n${script}`;
  const args = [...LOADER, '--input-type=module', '-e', source];
  const env = { ...process.env, TMPDIR: parent };
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000, env });
}

function folder(name: string, owner?: Owner, touched = new Date()): string {
  const path = join(parent, name);
  mkdirSync(join(path, 'data'), { recursive: true });
  if (owner === undefined) return path;
  writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
  utimesSync(join(path, 'owner.json'), touched, touched);
  return path;
}

test('what a killed process left behind is removed by the next one that starts', () => {
  for (const kind of ['postgres', 'buckets'])
    assert.is(
      run(`await makePrivateFolder('${kind}'); process.kill(process.pid, 'SIGKILL');`).signal,
      'SIGKILL',
    );
  assert.is(readdirSync(parent).filter((name) => name.startsWith('barewire-')).length, 2);
  const { stdout } = run(`import { existsSync, readdirSync } from 'node:fs';
    const { path } = await makePrivateFolder('postgres');
    const left = () => readdirSync('${parent}').filter((name) => name.startsWith('barewire-')).length;
    for (let waited = 0; left() > 1 && waited < 10_000; waited += 20) await new Promise((go) => setTimeout(go, 20));
    console.log(left(), existsSync(path));`);
  assert.is(stdout, '1 true\n');
  assert.equal(
    readdirSync(parent).filter((name) => name.startsWith('barewire-')),
    [],
  );
});

test('only folders that belong to no living process are removed', async () => {
  const own = await thisProcess();
  const longAgo = new Date(Date.now() - 25 * 3_600_000);
  const elsewhere = { ...own, namespace: 'pid:[1]' };
  const kept = [
    folder('barewire-postgres-mine', own, longAgo),
    folder('barewire-postgres-container', elsewhere),
    folder('barewire-postgres-machine', { ...own, host: 'another' }),
    folder('barewire-postgres-unknown'),
    folder('barewire-server-other', { ...own, pid: 2 ** 22 + 1 }),
  ];
  const link = join(parent, 'barewire-buckets-link');
  symlinkSync(folder('target', { ...own, pid: 2 ** 22 + 1 }), link);
  const removed = [
    folder('barewire-postgres-gone', { ...own, pid: 2 ** 22 + 1 }),
    // Its id has been reused by this process.
    folder('barewire-buckets-reused', { ...own, started: 'an earlier moment' }),
    folder('barewire-buckets-still', elsewhere, longAgo),
  ];
  await removeAbandoned(parent);
  for (const path of [...kept, link, join(parent, 'target', 'data')]) assert.ok(existsSync(path), path);
  for (const path of removed) assert.not.ok(existsSync(path), path);
});

test.run();
