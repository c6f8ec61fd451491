/** Holds the arrows between the rooms of src/, and shows on made-up trees that the checker sees what it should. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { violations } from './support/layers.js';
import { readSource } from './support/source.js';

const test = suite('layers');
const src = fileURLToPath(new URL('../src', import.meta.url));

test('every file of src keeps the rules', () => {
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  assert.ok(names.length > 0);
  const tree = names.map((name) => [name.split(sep).join('/'), readFileSync(join(src, name), 'utf8')]);
  assert.is(violations(Object.fromEntries(tree)).join('\n'), '');
});

test('an import is found in each of its forms, and not in comments, strings or patterns', () => {
  const { imports } = readSource(`
    import a, { type B } from 'one'; import 'two'; export * from "three";
    export type { C } from 'four'; const d = await import('five'); type E = import('six').F;
    import {
      g, // from 'no'
    } from 'seven';
    /* import 'no' */ // import 'no'
    const h = "import 'no'"; const i = /import 'no'/; const j = \`import 'no' \${await import(\`eight\`)} import 'no'\`;
    const k = 4 / 2; import 'nine'; thing.import('no');`);
  assert.equal(imports, ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']);
});

test('a number in a comment is none in the code, and a word in a string none in the bare text', () => {
  const { code, bare } = readSource(
    `const a = 'process.x'; // -32600 \`\nconst b = \`\${process.pid} Date.now(\`;`,
  );
  assert.not.match(code, /-32600/);
  assert.match(code, /process\.x/);
  assert.is([...bare.matchAll(/process\./g)].length, 1);
  assert.not.match(bare, /Date\.now/);
});

const breaches: [title: string, tree: Record<string, string>, expected: RegExp][] = [
  [
    'a higher rank',
    { 'mcp/a.ts': `import '../http/b.js';`, 'http/b.ts': '' },
    /rank 2 imports http\/b\.ts of rank 3/,
  ],
  [
    'another room of its rank',
    { 'http/a.ts': `import '../auth/b.js';`, 'auth/b.ts': '' },
    /rank 3 imports auth/,
  ],
  ['a higher type', { 'mcp/a.ts': `import type { B } from '../app.js';`, 'app.ts': '' }, /imports app\.ts/],
  ['a file that is not there', { 'mcp/a.ts': `import './b.js';` }, /mcp\/b\.ts, which does not exist/],
  ['a room without a rank', { 'util/a.ts': '' }, /the room util has no rank/],
  [
    'node: in a pure room',
    { 'policy/a.ts': `import { x } from 'node:crypto';` },
    /pure room imports node:crypto/,
  ],
  ['the process in a pure room', { 'mcp/a.ts': 'const a = process.env.A;' }, /uses process\./],
  ['the clock in a pure room', { 'mcp/a.ts': 'const a = Date.now();' }, /uses Date\.now/],
  ['a new Date() in a pure room', { 'mcp/a.ts': 'const a = new Date();' }, /uses new Date/],
  ['chance in a pure room', { 'fault.ts': 'const a = Math.random();' }, /uses Math\.random/],
  ['a timer in a pure room', { 'schema/a.ts': 'setTimeout(f, 1);' }, /uses setTimeout/],
  [
    'node:http in stdio',
    { 'stdio/a.ts': `import type { Server } from 'node:http';` },
    /node:http, which is kept/,
  ],
  ['jose outside auth', { 'http/a.ts': `import 'jose/jwt/verify';` }, /kept in auth/],
  ['ajv outside schema', { 'mcp/a.ts': `import { Ajv } from 'ajv';` }, /kept in schema/],
  ['an SDK', { 'server.ts': `import '@modelcontextprotocol/sdk/types.js';` }, /nothing in src imports/],
  ['a framework', { 'http/a.ts': `import express from 'express';` }, /nothing in src imports express/],
  [
    'a circle',
    { 'mcp/a.ts': `import './b.js';`, 'mcp/b.ts': `import './a.js';` },
    /a\.ts > mcp\/b\.ts > mcp\/a\.ts/,
  ],
  [
    'an error code outside the table',
    { 'mcp/a.ts': 'const a = { code: -32600 };' },
    /-32600 belongs in fault/,
  ],
  ['a long file', { 'mcp/a.ts': '/** A list. */\n'.concat('f();\n'.repeat(200)) }, /has 201 lines/],
];
for (const [title, tree, expected] of breaches) {
  test(`the checker finds ${title}`, () => {
    const found = violations(tree);
    assert.is(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });
}

test('the checker finds nothing in a tree that keeps the rules', () => {
  const tree = {
    'fault.ts': 'export const code = -32600;',
    'mcp/a.ts': `import '../fault.js'; import './b.js'; // process.exit, -32600, setTimeout`,
    'mcp/b.ts': `/** Over 200 lines because it is one table. */\n${'f();\n'.repeat(200)}`,
    'http/a.ts': `import 'node:http'; setTimeout(f, Date.now());`,
    'auth/a.ts': `import 'jose';`,
    'schema/a.ts': `import 'ajv/dist/2020.js'; const a = new Date(0); a.process.b();`,
    'index.ts': `export * from './mcp/a.js';`,
    'walkthrough/a.ts': `import '../app.js';`,
    'app.ts': `import './http/a.js';`,
  };
  assert.equal(violations(tree), []);
});

test.run();
