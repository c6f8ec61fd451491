/** The test vectors, and any other damage: our verifier and the one in Python say the same, word for word. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needing } from '../support/programs.js';
import { filesIn, linesOf, scratch, written } from './logs.js';
import { verifyHere, verifyInPython } from './other-verifier.js';
import { keySet, LOG, TAMPERED, VECTORS, writeVectors } from './vectors.js';

const test = suite('audit/vectors');
const withPython = needing(test, 'audit/vectors', 'python3');
const names = Object.keys(TAMPERED);
const expectedOf = (name: string): string => readFileSync(join(VECTORS, name, 'expected.txt'), 'utf8');

test('the vectors are what "npx tsx test/audit/vectors.ts" writes', async () => {
  const folder = scratch();
  await writeVectors(folder);
  assert.equal(filesIn(folder), filesIn(VECTORS));
  // Another zlib may write other bytes for the same text.
  const contentOf = (path: string): string =>
    (path.endsWith('.gz') && !path.includes('crash') && !path.includes('cut-short')
      ? gunzipSync(readFileSync(path))
      : readFileSync(path)
    ).toString();
  for (const file of filesIn(folder))
    assert.is(contentOf(join(folder, file)), contentOf(join(VECTORS, file)), file);
});

test('the intact vectors verify, and every other one is found with a reason of its own', () => {
  const whole = names.filter((name) => !expectedOf(name).includes('BROKEN'));
  assert.equal(whole, [
    ...['whole', 'torn-by-a-crash', 'compressed-days', 'crash-while-compressing'],
    ...['removed-with-a-tombstone', 'removed-to-the-last-day', 'crash-while-removing'],
  ]);
  const found = names.filter((name) => !whole.includes(name)).map((name) => expectedOf(name));
  assert.is(new Set(found).size, found.length);
});

for (const name of names) {
  test(`audit verify: ${name}`, async () => {
    const { output, code } = await verifyHere(join(VECTORS, name, LOG), LOG, await keySet());
    assert.is(output, expectedOf(name));
    assert.is(code, output.includes('BROKEN') ? 1 : 0);
  });
  withPython(`in Python: ${name}`, () => {
    const { output, code } = verifyInPython(join(VECTORS, name, LOG), join(VECTORS, 'keys.json'));
    assert.is(output, expectedOf(name));
    assert.is(code, output.includes('BROKEN') ? 1 : 0);
  });
}

type Damage = { kind: 'swap' | 'drop' | 'copy' | 'byte' | 'cut'; at: number; to: number };
const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('swap', 'drop', 'copy', 'byte', 'cut'),
  at: fc.nat(11),
  to: fc.nat(5000),
});

function spoil(text: string, { kind, at, to }: Damage): string {
  if (kind === 'cut') return text.slice(0, to);
  if (kind === 'byte')
    return `${text.slice(0, to)}${String.fromCharCode(32 + (at % 90))}${text.slice(to + 1)}`;
  const lines = text.split('\n').slice(0, -1);
  const line = lines[at] ?? '';
  if (kind === 'drop') lines.splice(at, 1);
  if (kind === 'copy') lines.splice(to % 12, 0, line);
  if (kind === 'swap') [lines[at], lines[to % 12]] = [lines[to % 12] ?? '', line];
  return lines.map((one) => `${one}\n`).join('');
}

withPython('both verifiers agree, whatever is done to a log', async () => {
  const dir = await written(12);
  const [file = ''] = filesIn(dir).filter((name) => name.endsWith('.jsonl'));
  const original = readFileSync(join(dir, file), 'utf8');
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (steps) => {
      writeFileSync(join(dir, file), steps.reduce(spoil, original));
      assert.equal(verifyInPython(dir), await verifyHere(dir));
    }),
    { numRuns: 40 },
  );
});

withPython('both treat bytes that are not UTF-8, a line without an end, and an empty log alike', async () => {
  const dir = await written(3);
  const [file = ''] = filesIn(dir).filter((name) => name.endsWith('.jsonl'));
  const [first = '', second = ''] = linesOf(join(dir, file));
  const contents = [
    Buffer.concat([Buffer.from(`${first}\n`), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(`${second}\n`)]),
    Buffer.from(first),
    Buffer.from('\n\n'),
    Buffer.from('{"seq":NaN,"prev":"","hash":""}\n{"seq":1e400}\n[]\n'),
    Buffer.alloc(0),
  ];
  for (const content of contents) {
    writeFileSync(join(dir, file), content);
    assert.equal(verifyInPython(dir), await verifyHere(dir));
  }
  rmSync(join(dir, file));
  assert.equal(verifyInPython(dir), await verifyHere(dir));
  assert.ok(readdirSync(dir).length > 0);
});

test.run();
