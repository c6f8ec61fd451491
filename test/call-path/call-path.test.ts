/** The path of one governed call, as `npm run call-path` counts it, is the one that chapter 20 shows. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/process.js';

const test = suite('call-path');
/** What a call may enter at most. Lower it whenever the path gets shorter. */
const MAX_FILES = 52;
const MAX_FUNCTIONS = 214;

type Entered = { file: string; functions: string[] };

test('a governed call enters no more files and functions than before, and chapter 20 shows them', () => {
  const output = execFileSync(process.execPath, ['test/call-path/run.mjs', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const path: Entered[] = JSON.parse(output);
  const functions = path.reduce((sum, entered) => sum + entered.functions.length, 0);
  assert.ok(path.length > 20, 'the call runs through the build');
  assert.ok(path.length <= MAX_FILES, `${path.length} files`);
  assert.ok(functions <= MAX_FUNCTIONS, `${functions} functions`);
  const chapter = readFileSync(join(ROOT, 'spec-fixtures/20-read-the-source/README.md'), 'utf8');
  const shown = chapter.slice(chapter.indexOf('<!-- call-path -->'), chapter.indexOf('<!-- /call-path -->'));
  const files = [...shown.matchAll(/^src\/\S+$/gm)].map(([file]) => file);
  assert.equal(files.toSorted(), path.map(({ file }) => file).toSorted(), 'npm run call-path -- --write');
});

test.run();
