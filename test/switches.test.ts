import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { watchSwitches } from '../src/services/registry/follow/switches.js';
import type { FileWatch } from '../src/services/watched-file.js';
import { until } from './support/until.js';

const test = suite('switches');

let folder: string;
const watching: FileWatch[] = [];
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barewire-switches-'));
});
test.after(async () => {
  for (const each of watching) each.close();
  await rm(folder, { recursive: true, force: true });
});

let made = 0;
async function fileOf(text: string): Promise<string> {
  made += 1;
  const file = join(folder, `switches-${made}.json`);
  await writeFile(file, text);
  return file;
}

async function watch(text: string) {
  const file = await fileOf(text);
  const applied: string[][] = [];
  const errors: unknown[] = [];
  const switches = await watchSwitches(
    file,
    (disabled) => applied.push(disabled),
    (error) => errors.push(error),
  );
  watching.push(switches);
  return { file, applied, errors, switches };
}
const off = (...disabled: string[]): string => JSON.stringify({ disabled });

test('the file is applied before the watching begins', async () => {
  const { applied } = await watch(off('jira.create'));
  assert.equal(applied, [['jira.create']]);
});
test('a folder in its place is reported', async () => {
  const refused = await watchSwitches(
    folder,
    () => undefined,
    () => undefined,
  ).catch((error: unknown) => error);
  assert.ok(refused instanceof Error);
  assert.match(refused.message, folder);
});
test('a file that was written again is applied within two seconds, and so is one that replaces it', async () => {
  const { file, applied } = await watch(off());
  await writeFile(file, off('a'));
  await until(() => applied.length === 2);
  await rename(await fileOf(off('a', 'b')), file);
  await until(() => applied.length === 3);
  assert.equal(applied, [[], ['a'], ['a', 'b']]);
});
test('while the file is broken or gone the last good state holds, and each mistake is logged', async () => {
  const { file, applied, errors } = await watch(off('a'));
  for (const [index, broken] of [
    '{"disabled": ["a"',
    '[]',
    '{"disabled": "a"}',
    '{"disabled": [1]}',
    '{}',
  ].entries()) {
    await writeFile(file, broken);
    await until(() => errors.length === index + 1);
  }
  await rm(file);
  await until(() => errors.length === 6);
  assert.equal(applied, [['a']]);
  await writeFile(file, off('b'));
  await until(() => applied.length === 2);
  assert.equal(applied[1], ['b']);
});
test('a file that cannot be read or understood at first is refused', async () => {
  const apply = (): void => assert.unreachable();
  const twice = '{"disabled": ["jira.create"], "disabled": []}';
  for (const broken of ['', 'null', '{"disabled": {}}', '"jira.create"', twice]) {
    const error = await watchSwitches(await fileOf(broken), apply, () => {}).catch(
      (reason: unknown) => reason,
    );
    assert.instance(error, Error, broken);
  }
  assert.instance(
    await watchSwitches(join(folder, 'none.json'), apply, () => {}).catch((reason: unknown) => reason),
    Error,
  );
});
test('a change that comes while the watching begins is not missed', async () => {
  const { file, applied } = await watch(off());
  await writeFile(file, off('early'));
  await until(() => applied.some(([first]) => first === 'early'));
});
test('nothing is applied after the close', async () => {
  const { file, applied, switches } = await watch(off());
  // Watched the same way, and looked at later: when this one sees the change, the other would have seen it.
  const later: string[][] = [];
  switches.close();
  watching.push(
    await watchSwitches(
      file,
      (disabled) => later.push(disabled),
      () => undefined,
    ),
  );
  await writeFile(file, off('late'));
  await until(() => later.length === 2);
  assert.equal(applied, [[]]);
});

test.run();
