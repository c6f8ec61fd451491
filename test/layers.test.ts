/** Checks the order of the wings of src/, and shows on made-up trees that the checker works. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { violations } from './support/layers.js';
import { readSource } from './support/source.js';

const test = suite('layers');
const src = fileURLToPath(new URL('../src', import.meta.url));

test('every file of src follows the rules', () => {
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
    'a wing that comes later',
    { 'wire/mcp/a.ts': `import '../../oauth/b.js';`, 'oauth/b.ts': '' },
    /imports oauth\/b\.ts, which its wing may not/,
  ],
  [
    'a type of a wing that comes later',
    { 'wire/a.ts': `import type { B } from '../app/app.js';`, 'app/app.ts': '' },
    /imports app\/app\.ts/,
  ],
  ['an entry', { 'app/a.ts': `import '../index.js';`, 'index.ts': '' }, /imports index\.ts/],
  [
    'a file that is not there',
    { 'wire/mcp/a.ts': `import './b.js';` },
    /wire\/mcp\/b\.ts, which does not exist/,
  ],
  ['a folder that is no wing', { 'util/a.ts': '' }, /belongs to no wing/],
  ['a loose file', { 'util.ts': '' }, /belongs to no wing/],
  [
    'node: in a pure file',
    { 'governance/policy/a.ts': `import { x } from 'node:crypto';` },
    /pure file imports node:crypto/,
  ],
  ['the process in a pure file', { 'wire/mcp/a.ts': 'const a = process.env.A;' }, /uses process\./],
  ['the clock in a pure file', { 'wire/mcp/a.ts': 'const a = Date.now();' }, /uses Date\.now/],
  ['a new Date() in a pure file', { 'wire/mcp/a.ts': 'const a = new Date();' }, /uses new Date/],
  ['chance in a pure file', { 'wire/fault.ts': 'const a = Math.random();' }, /uses Math\.random/],
  ['a timer in a pure file', { 'wire/schema/a.ts': 'setTimeout(f, 1);' }, /uses setTimeout/],
  [
    'node:http in stdio',
    { 'wire/stdio/a.ts': `import type { Server } from 'node:http';` },
    /node:http, which is kept/,
  ],
  ['jose outside oauth', { 'wire/http/a.ts': `import 'jose/jwt/verify';` }, /kept in oauth/],
  ['ajv outside wire/schema', { 'wire/mcp/a.ts': `import { Ajv } from 'ajv';` }, /kept in wire\/schema/],
  ['an SDK', { 'server.ts': `import '@modelcontextprotocol/sdk/types.js';` }, /nothing in src imports/],
  ['a framework', { 'wire/http/a.ts': `import express from 'express';` }, /nothing in src imports express/],
  [
    'a circle',
    { 'wire/mcp/a.ts': `import './b.js';`, 'wire/mcp/b.ts': `import './a.js';` },
    /a\.ts > wire\/mcp\/b\.ts > wire\/mcp\/a\.ts/,
  ],
  [
    'an error code outside the table',
    { 'wire/mcp/a.ts': 'const a = { code: -32600 };' },
    /-32600 belongs in wire\/fault/,
  ],
  ['a long file', { 'wire/mcp/a.ts': '/** A list. */\n'.concat('f();\n'.repeat(200)) }, /has 201 lines/],
];
for (const [title, tree, expected] of breaches) {
  test(`the checker finds ${title}`, () => {
    const found = violations(tree);
    assert.is(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });
}

test('the checker finds nothing in a tree that follows the rules', () => {
  const tree = {
    'wire/fault.ts': 'export const code = -32600;',
    'wire/mcp/a.ts': `import '../fault.js'; import './b.js'; // process.exit, -32600, setTimeout`,
    'wire/mcp/b.ts': `/** Over 200 lines because it is one table. */\n${'f();\n'.repeat(200)}`,
    'wire/http/a.ts': `import 'node:http'; setTimeout(f, Date.now());`,
    'oauth/a.ts': `import 'jose'; import '../wire/mcp/a.js';`,
    'wire/schema/a.ts': `import 'ajv/dist/2020.js'; const a = new Date(0); a.process.b();`,
    'index.ts': `export * from './wire/mcp/a.js'; export * from './app/app.js';`,
    'walkthrough/a.ts': `import '../app/app.js';`,
    'app/app.ts': `import '../wire/http/a.js';`,
  };
  assert.equal(violations(tree), []);
});

test.run();
