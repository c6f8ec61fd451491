import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTools, nameWarning } from '../src/app/server-definitions.js';

const test = suite('own-tools');
const warningOf = (names: string[]): string => String(nameWarning(names));

test('names that model APIs refuse are warned of in one line, others are not', () => {
  assert.is(nameWarning(['a', 'A-b_9', 'n'.repeat(64)]), undefined);
  assert.match(warningOf(['a', 'b.c']), /^--tools: most model APIs take names .*: "b\.c"$/);
  assert.match(warningOf(['n'.repeat(65)]), /: "n{65}"$/);
  const many = warningOf(Array.from({ length: 8 }, (_, index) => `t.${index}`));
  assert.match(many, /: "t\.0", "t\.1", "t\.2", "t\.3", "t\.4" and 3 more$/);
  assert.not.match(warningOf(['a\nb']), /\n/);
});
test('loading a module warns once, of the names of its tools', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-own-'));
  const file = join(folder, 'mine.mjs');
  await writeFile(
    file,
    `const tool = (name) => ({ name, inputSchema: { type: 'object' }, handler: () => ({}) });
     export const tools = [tool('good_name'), tool('bad.name')];`,
  );
  const lines: string[] = [];
  const tools = await loadTools([file], (line) => lines.push(line));
  await rm(folder, { recursive: true });
  assert.equal([tools.length, lines.length], [2, 1]);
  assert.match(String(lines[0]), /: "bad\.name"$/);
});

test.run();
