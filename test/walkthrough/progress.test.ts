/** The file that remembers how far the reader is. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ProgressFile } from '../../src/walkthrough/progress.js';

const test = suite('walkthrough/progress');
const folder = mkdtempSync(join(tmpdir(), 'barewire-progress-'));
const path = join(folder, 'barewire', 'lesson.json');
test.after(() => rmSync(folder, { recursive: true, force: true }));

function read(at = path): { file: ProgressFile; warnings: string[] } {
  const warnings: string[] = [];
  return { file: new ProgressFile(at, (line) => warnings.push(line)), warnings };
}

test('what was seen and solved is there the next time, once each, in a private file', () => {
  const { file, warnings } = read();
  file.saw('a');
  file.saw('b');
  file.saw('a');
  file.solved('01');
  file.solved('01');
  assert.equal(warnings, []);
  assert.equal(read().file.progress, { seen: ['b', 'a'], solved: ['01'] });
  assert.is(statSync(path).mode & 0o777, 0o600);
  file.forget();
  assert.equal(read().file.progress, { seen: [], solved: [] });
});

const broken: [text: string, why: RegExp][] = [
  ['{', /is ignored: it is not a JSON object$/],
  ['[]', /is ignored: it is not a JSON object$/],
  ['{"seen":[1],"solved":[]}', /is ignored: "seen" and "solved" must be lists of names$/],
  [`{"seen":["${'x'.repeat(201)}"],"solved":[]}`, /must be lists of names$/],
  [' '.repeat(300_000), /is larger than 262144 bytes$/],
];
for (const [text, why] of broken) {
  test(`a broken file is ignored with one line: ${text.slice(0, 24).trim()}`, () => {
    writeFileSync(path, text);
    const { file, warnings } = read();
    assert.is(warnings.length, 1);
    assert.match(warnings[0] ?? '', why);
    assert.equal(file.progress, { seen: [], solved: [] });
    file.saw('a');
    assert.match(readFileSync(path, 'utf8'), /"a"/);
  });
}

test('where nothing can be written, the lesson goes on with a warning', () => {
  const { file, warnings } = read(join(path, 'below-a-file', 'lesson.json'));
  file.saw('a');
  assert.match(warnings.at(-1) ?? '', /^your progress is not saved: /);
  assert.equal(file.progress.seen, ['a']);
});

test.run();
