/** No test passes without checking anything: each asserts something that can fail, on every path. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hollowTests } from './support/hollow.js';

const test = suite('hollow');
const folder = fileURLToPath(new URL('.', import.meta.url));

test('no test of this project is hollow', () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const tree = names.map((name) => [name.split(sep).join('/'), readFileSync(join(folder, name), 'utf8')]);
  assert.is(hollowTests(Object.fromEntries(tree)).join('\n'), '');
});

const hollow: [title: string, text: string, expected: RegExp][] = [
  ['nothing', `test('a', () => { run(); });`, /^\d+\.test\.ts:1 asserts nothing$/],
  ['nothing, behind a program', `\n(sh ? test : test.skip)('a', () => { run(); });`, /:2 asserts nothing$/],
  ['nothing, for a named reason', `needing(test, 'x', 'sh')('a', async () => {});`, /asserts nothing$/],
  [
    'with a helper that asserts nothing',
    `const look = () => run(); test('a', () => { look(); });`,
    /asserts nothing$/,
  ],
  [
    'only under a condition',
    `test('a', () => { assert.ok(a); if (b) assert.ok(c); });`,
    /only if a condition holds$/,
  ],
  [
    'only under a condition, in held time',
    `test('a', () => inHeldTime(async () => {\n assert.ok(a);\n if (b) { assert.ok(c); }\n}));`,
    /:3 asserts only if a condition holds$/,
  ],
  [
    'behind a return',
    `test('a', () => {\n if (disk === undefined) return;\n assert.ok(disk);\n});`,
    /^\d+\.test\.ts:2 returns before it has asserted$/,
  ],
  [
    'and swallows the failure',
    `test('a', () => { try { assert.ok(a); } catch { run(); } });`,
    /catches the failure of an assertion$/,
  ],
  ['what is true', `test('a', () => { assert.ok(true); });`, /cannot fail: assert\.ok\(true\)$/],
  ['that a list is there', `test('a', () => { assert.ok([a]); });`, /cannot fail: assert\.ok\(\[a\]\)$/],
  ['two constants', `test('a', () => { assert.equal([1], [1]); });`, /cannot fail/],
  ['one thing twice', `test('a', () => { assert.is(a, a); });`, /cannot fail: assert\.is\(a, a\)$/],
];
let found: string[] = [];
test.before(() => {
  // All in one run of the compiler.
  found = hollowTests(Object.fromEntries(hollow.map(([, text], at) => [`${at}.test.ts`, text])));
});
for (const [at, [title, , expected]] of hollow.entries()) {
  test(`a test that asserts ${title} is found`, () => {
    const own = found.filter((line) => line.startsWith(`${at}.test.ts:`));
    assert.is(own.length, 1, own.join('\n'));
    assert.match(own[0] ?? '', expected);
  });
}

test('a test that can fail is not reported', () => {
  const text = `
    import { look } from './b.js';
    const check = (a) => { if (a !== 1) throw new Error(a); };
    test('a', () => { check(run()); });
    test('b', () => { look(run()); });
    test('c', async () => { await wire.until(() => run()); });
    test('d', () => { for (const a of list) { if (a.isNew) assert.ok(a.b); } });
    test('e', () => { if (a) assert.ok(b); else assert.not.ok(b); });
    test('f', () => { const read = () => { return 1; }; assert.is(read(), one); });
    test('g', () => { try { assert.ok(a); } finally { close(); } });
    test('h', () => { fc.assert(fc.property(any, (a) => a === run(a))); });
    test('i', () => { if (a === undefined) { reportSkip('i', 'there is no a'); return; } assert.ok(a); });
    test('j', () => { assert.equal([a.b], []); assert.is(a.signal, a.signal); });
    other('k', () => {});`;
  const helper = `
    import { until } from './c.js';
    export async function look(a) { await until(() => a); }
    export class Wire { async until(done) { if (!done()) throw new Error('never'); } }`;
  assert.equal(hollowTests({ 'a.test.ts': text, 'b.ts': helper }), []);
});

test.run();
