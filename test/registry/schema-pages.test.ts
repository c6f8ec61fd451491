/** Schemas as the pages show them, and the arguments of the example call. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { destructiveTools, readonlyTools } from '../../src/demo/tools/index.js';
import { exampleOf } from '../../src/services/registry/pages/curl.js';
import { trimSchema } from '../../src/services/registry/pages/parts.js';
import { schemaSection } from '../../src/services/registry/pages/tools.js';
import { compileSchema } from '../../src/wire/schema/compile.js';
import type { JsonObject } from '../../src/wire/value.js';
import { CREATE, SEARCH } from './page-samples.js';

const test = suite('registry/schema-pages');

// The tests read only the definitions of the tools, which need no database.
const NONE = {} as Database;
const now = () => new Date(0);
const TOOLS = [
  ...readonlyTools(NONE, () => '/', now, { deadlineMs: 1, maxRows: 1 }),
  ...destructiveTools(NONE, now, () => {}),
];

const section = (schema: JsonObject): string => schemaSection('t', 'Arguments', schema).text;
/** The cells of the table, without their markup. */
const rows = (schema: JsonObject): string[] =>
  [...section(schema).matchAll(/<tr>\n(<th scope="row">[\s\S]*?)<\/tr>/g)].map(([, row]) =>
    (row ?? '')
      .split('\n')
      .map((cell) => cell.replace(/<[^>]*>/g, ''))
      .join(' | ')
      .replace(/[ |]+$/, ''),
  );

test('a table has the top-level members with type, presence and description', () => {
  assert.equal(rows(CREATE.inputSchema), [
    'project | string | required | Key of the project, such as OPS.',
    'type | string | required',
    'summary | string | required',
    'points | integer | optional',
    'labels | array | optional',
    'links | array | optional',
  ]);
  const properties = { a: { type: ['string', 'null'] }, b: { $ref: '#/$defs/B' }, c: true, d: { enum: [1] } };
  assert.equal(rows({ type: 'object', properties }), [
    'a | string or null | optional',
    'b | see the schema | optional',
    'c | see the schema | optional',
    'd | see the schema | optional',
  ]);
});

test('the schema itself is below the table, formatted and escaped, in a part that opens', () => {
  const page = section({ type: 'object', properties: { a: { const: '</pre><script>' } } });
  assert.match(
    page,
    /<details id="tool-t:Arguments"><summary>JSON Schema<\/summary>\n<pre [^>]*>\{\n {2}&quot;type&quot;/,
  );
  assert.match(page, '&lt;/pre&gt;&lt;script&gt;');
  assert.match(
    section({
      properties: Object.fromEntries(
        Array(500)
          .fill('p')
          .map((p, at) => [p + at, {}]),
      ),
    }),
    /longer than this page shows/,
  );
});

test('a tool without arguments says so', () => {
  assert.match(section({ type: 'object' }), /No arguments are listed\./);
});

for (const [what, schema, expected] of [
  [
    'the example that the schema gives',
    { ...SEARCH.inputSchema, examples: [{ jql: 'a' }, {}] },
    { jql: 'a' },
  ],
  ['nothing where nothing is required', { type: 'object', properties: { a: { type: 'string' } } }, {}],
  [
    'examples, defaults and allowed values of required members',
    {
      properties: {
        a: { examples: [1] },
        b: { default: false },
        c: { const: 2 },
        d: { enum: ['x', 'y'] },
        e: {},
      },
      required: ['a', 'b', 'c', 'd'],
    },
    { a: 1, b: false, c: 2, d: 'x' },
  ],
  [
    'placeholders for the others',
    {
      properties: {
        a: { type: 'string' },
        b: { type: ['null', 'integer'], minimum: 5 },
        c: { type: 'boolean' },
        d: { type: 'array' },
        e: { type: 'object', properties: { f: { type: 'number' } }, required: ['f'] },
      },
      required: ['a', 'b', 'c', 'd', 'e', 'g'],
    },
    { a: 'example', b: 5, c: false, d: [], e: { f: 1 }, g: 'example' },
  ],
] as const) {
  test(`an example call has ${what}`, () => {
    const example = exampleOf({ ...schema });
    assert.equal(example, expected);
    assert.is(compileSchema('schema', { ...schema })(example), undefined);
  });
}

test('of every tool here the example has exactly the required arguments', () => {
  for (const { name, inputSchema } of TOOLS) {
    const required = Array.isArray(inputSchema.required) ? inputSchema.required : [];
    assert.equal(Object.keys(exampleOf(inputSchema) as object).sort(), [...required].sort(), name);
  }
});

test('an endless or senseless schema ends on the page', () => {
  const broad = Array.from({ length: 50 }, () => ({ $ref: '#' }));
  for (const schema of [
    { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'], anyOf: [{ $ref: '#' }] },
    { allOf: broad, anyOf: broad, $defs: { a: { allOf: broad } } },
    { type: [1, null], properties: [], required: 'a', enum: {}, pattern: 5, items: [], minLength: 'x' },
    {
      properties: { __proto__: null, constructor: { type: 'string' } },
      required: ['__proto__', 'constructor', 5],
    },
    { type: 'array', minItems: 1e9, items: { $ref: '#' }, required: Array(10_000).fill('a') },
  ] as JsonObject[]) {
    assert.ok(section(schema).length < 100_000);
    assert.ok(JSON.stringify(exampleOf(trimSchema(schema).schema)).length < 20_000);
  }
});

test.run();
