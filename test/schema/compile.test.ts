import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileArguments, compileSchema, SchemaRefused } from '../../src/wire/schema/compile.js';
import { cpuMs } from '../support/cpu.js';
import { heapUsed } from '../support/heap.js';
import { until } from '../support/until.js';

const test = suite('schema/compile');
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

function refusal(schema: unknown): string {
  try {
    compileSchema('tool t', schema);
  } catch (error) {
    assert.instance(error, SchemaRefused);
    assert.is(String(error), `SchemaRefused: ${(error as SchemaRefused).message}`);
    return (error as SchemaRefused).message;
  }
  return 'not refused';
}
/** True when the value fits. */
const fits = (schema: unknown, value: unknown): boolean => compileSchema('t', schema)(value) === undefined;

test('without $schema a schema is 2020-12', () => {
  const tuple = { prefixItems: [{ type: 'string' }], items: false };
  assert.ok(fits(tuple, ['a']));
  assert.not.ok(fits(tuple, [1]));
  assert.not.ok(fits(tuple, ['a', 'b']));
  assert.not.ok(fits({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...tuple }, [1]));
});
test('a schema that declares draft-07 is read by its rules', () => {
  const tuple = { $schema: DRAFT_07, items: [{ type: 'string' }], additionalItems: false };
  assert.ok(fits(tuple, ['a']));
  assert.not.ok(fits(tuple, ['a', 'b']));
  assert.ok(fits({ $schema: DRAFT_07, prefixItems: [{ type: 'string' }] }, [1]), 'unknown to draft-07');
  for (const $schema of [
    'http://json-schema.org/draft-07/schema',
    'https://json-schema.org/draft-07/schema#',
  ])
    assert.not.ok(fits({ $schema, type: 'string' }, 1));
});
test('any other dialect is refused by name', () => {
  for (const $schema of [
    'http://json-schema.org/draft-04/schema#',
    'https://example.com/mine',
    'http://json-schema.org/draft-07#/schema',
    ['http://json-schema.org/draft-07/schema'],
    '',
    7,
    null,
  ]) {
    assert.is(
      refusal({ $schema }),
      `tool t: the dialect ${JSON.stringify($schema)} is not supported; use one of https://json-schema.org/draft/2020-12/schema, ` +
        'http://json-schema.org/draft-07/schema, https://json-schema.org/draft-07/schema',
    );
  }
});
test('a schema is an object, and a valid one', () => {
  for (const schema of [true, null, [], 'x', undefined])
    assert.is(refusal(schema), 'tool t: a schema must be a JSON object');
  assert.match(refusal({ type: 'objekt' }), 'tool t: not a usable schema');
  assert.match(refusal({ pattern: '(' }), 'not a usable schema');
  assert.match(
    refusal({ maxLength: -1 }),
    'not a usable schema: schema is invalid: data/maxLength must be >= 0',
  );
  assert.throws(
    () => compileArguments('tool t', { type: 'objekt' }),
    ({ cause }: Error) => cause instanceof Error,
  );
});
test('a schema that a test has compiled is taken as valid, and compiled when a value comes', () => {
  assert.is(compileSchema('t', { maxLength: -1 }, true)('x')?.expected, 'at most -1 characters');
  const check = compileSchema('t', { $ref: 'nowhere' }, true);
  assert.throws(() => check(1), "can't resolve reference");
});
test('a schema that refers to nothing is compiled when the first value comes, so many tools start quickly', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`p${at}`, { type: 'string', maxLength: at }]),
  );
  let checks: ((value: unknown) => unknown)[] = [];
  const registering = cpuMs(() => {
    checks = Array.from({ length: 100 }, () => compileSchema('t', { type: 'object', properties }));
  });
  const calling = cpuMs(() => {
    for (const check of checks) check({});
  });
  assert.ok(registering < calling / 2, `${registering} ms, then ${calling} ms`);
});
test('schemas without an $id share an engine, which reads the meta-schema once', () => {
  const compileTen = (start: object) => (): void => {
    for (let at = 0; at < 10; at += 1) compileSchema('t', { ...start, prefixItems: [{ type: 'string' }] });
  };
  const together = cpuMs(compileTen({}));
  const alone = cpuMs(compileTen({ $id: 'https://example.com/tuple' }));
  assert.ok(together < alone / 2, `${together} ms, and ${alone} ms`);
});
test('compiled schemas are let go, however many come', async () => {
  const before = await heapUsed();
  for (let at = 0; at < 768; at += 1) {
    const note = `${at} ${'x'.repeat(100_000)}`;
    assert.is(compileSchema('t', { default: note, type: 'number' })(at), undefined);
  }
  const most = before + 40_000_000;
  await until(async () => (await heapUsed()) < most);
});
test('a remote $ref is refused, and nothing is fetched for it', async () => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('{"type":"string"}'));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s.json`;
  for (const schema of [
    { $ref: url },
    { properties: { a: { $ref: `${url}#/x` } } },
    { items: { $ref: url } },
  ]) {
    assert.match(refusal(schema), "can't resolve reference");
  }
  assert.match(refusal({ $schema: DRAFT_07, $ref: url }), "can't resolve reference");
  assert.match(refusal({ $schema: url }), 'is not supported');
  // An earlier request to a remote address would have arrived first.
  assert.is((await fetch(url)).status, 200);
  assert.is(connections, 1);
  server.close();
});
test('a $ref within the schema is followed, and one that leads nowhere refused', () => {
  const schema = { properties: { a: { $ref: '#/$defs/name' } }, $defs: { name: { type: 'string' } } };
  assert.ok(fits(schema, { a: 'x' }));
  assert.not.ok(fits(schema, { a: 1 }));
  for (const $ref of ['#/$defs/other', '#anchor', 'other.json', 'urn:x:y', '#/$defs/%25'])
    assert.match(refusal({ ...schema, properties: { a: { $ref } } }), "can't resolve reference");
  assert.match(refusal({ default: null, $ref: '#/default/x' }), 'tool t: not a usable schema');
  assert.match(refusal({ $ref: '#undefined' }), "can't resolve reference");
  assert.match(refusal({ $ref: ['#'] }), 'not a usable schema: schema is invalid: data/$ref must be string');
  assert.match(refusal({ $ref: '#/$defs/%ff' }), 'tool t: not a usable schema');
});
test('a schema may refer to itself, with an $id and without', () => {
  for (const start of [{}, { $schema: DRAFT_07 }, { $id: 'https://example.com/tree' }]) {
    const tree = { ...start, type: 'object', properties: { child: { $ref: '#' } } };
    assert.ok(fits(tree, { child: { child: {} } }));
    assert.not.ok(fits(tree, { child: { child: 3 } }));
  }
});
test('two schemas may use one $id, and neither sees the other', () => {
  const $id = 'https://example.com/same';
  const text = compileSchema('a', {
    $id,
    properties: { v: { $ref: '#/$defs/v' } },
    $defs: { v: { type: 'string' } },
  });
  const number = compileSchema('b', {
    $id,
    properties: { v: { $ref: `${$id}#/$defs/v` } },
    $defs: { v: { type: 'number' } },
  });
  assert.equal([text({ v: 'x' }), number({ v: 1 })], [undefined, undefined]);
  assert.equal([text({ v: 1 })?.expected, number({ v: 'x' })?.expected], ['string', 'number']);
  assert.match(refusal({ $ref: `${$id}#/$defs/v` }), "can't resolve reference");
});
test('an $id within two schemas leads each to its own part', () => {
  const part = (type: string, address: object = { $id: 'https://example.com/part' }) => ({
    properties: { v: { $ref: 'https://example.com/part' } },
    $defs: { part: { ...address, type } },
  });
  assert.ok(fits(part('string'), { v: 'x' }));
  assert.ok(fits(part('number'), { v: 1 }));
  assert.not.ok(fits(part('number'), { v: 'x' }));
  assert.match(refusal(part('number', {})), "can't resolve reference");
});
test('a schema with an $id is read by the same rules', () => {
  const schema = {
    $id: 'https://example.com/rules',
    properties: { at: { format: 'date-time', 'x-order': 1 }, constructor: { type: 'string' } },
  };
  assert.ok(fits(schema, { at: 'yesterday' }));
});
test('a $dynamicRef leads to the one schema with its anchor, wherever that stands', () => {
  const referring = (anchor: string, $dynamicRef = '#text') => ({
    properties: { v: { allOf: [{ maxLength: 3 }], $dynamicRef }, w: { $dynamicRef } },
    $defs: { first: { $dynamicAnchor: 'other' }, text: { [anchor]: 'text', type: 'string' } },
  });
  for (const schema of [
    referring('$dynamicAnchor'),
    referring('$anchor'),
    referring('title', '#/$defs/text'),
    { ...referring('$dynamicAnchor', 'https://e.example/s#text'), $id: 'https://e.example/s' },
  ]) {
    const check = compileSchema('t', schema);
    assert.equal(
      [check({ v: 'abc' }), ...[{ v: 1 }, { v: 'abcd' }, { w: 1 }].map((value) => check(value)?.expected)],
      [undefined, 'string', 'at most 3 characters', 'string'],
      JSON.stringify(schema),
    );
  }
  assert.match(refusal(referring('$anchor', '#nowhere')), "can't resolve reference");
  assert.match(refusal(referring('$anchor', 7 as never)), 'data/properties/v/$dynamicRef must be string');
  const seven = { $defs: { a: { $dynamicAnchor: 'a' } }, properties: { v: { $dynamicRef: '#a', allOf: 7 } } };
  assert.match(refusal(seven), 'not a usable schema');
});
test('a $dynamicRef leads to the outermost of several schemas with its anchor', () => {
  const tree = {
    $id: 'https://e.example/tree',
    $dynamicAnchor: 'node',
    type: 'object',
    properties: { child: { $dynamicRef: '#node' } },
  };
  const strict = {
    $id: 'https://e.example/strict',
    $dynamicAnchor: 'node',
    $ref: 'tree',
    unevaluatedProperties: false,
    $defs: { tree },
  };
  const wrong = { child: { child: {}, typo: 1 } };
  assert.equal([fits(tree, wrong), fits(strict, wrong), fits(tree, { child: 1 })], [true, false, false]);
  const outside = { ...strict, properties: { v: { $dynamicRef: 'tree#node' } } };
  assert.match(refusal(outside), 'only supports hash fragment reference');
  const within = { properties: { v: { $ref: 'https://e.example/strict' } }, $defs: { strict } };
  assert.equal([fits(within, { v: { child: { child: {} } } }), fits(within, { v: wrong })], [true, false]);
});
test('a schema over a bound is refused, and one at it served', () => {
  const levels = (count: number): object => (count === 1 ? {} : { items: levels(count - 1) });
  // The schema and its `properties` are two parts.
  const parts = (count: number): object => ({
    properties: Object.fromEntries(Array.from({ length: count - 2 }, (_, at) => [`p${at}`, {}])),
  });
  const characters = (count: number): object => ({ description: 'x'.repeat(count - 18) });
  for (const schema of [levels(32), parts(5_000), characters(262_144)])
    assert.is(refusal(schema), 'not refused');
  assert.match(refusal(levels(33)), 'nested deeper than 32 levels');
  assert.match(refusal(parts(5_001)), 'more than 5000 parts');
  assert.match(refusal(characters(262_145)), 'has 262145 characters; at most 262144');
});
test('an object that contains itself is refused for its depth', () => {
  const schema: { [key: string]: unknown } = { type: 'object' };
  schema.properties = { self: schema };
  assert.match(refusal(schema), 'nested deeper than 32 levels');
});
test('members named like those of every object count only where they exist', () => {
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
    const optional = {
      type: 'object',
      properties: { [name]: { type: 'string' } },
      additionalProperties: false,
    };
    assert.ok(fits(optional, {}), name);
    assert.ok(fits(optional, { [name]: 'x' }), name);
    assert.not.ok(fits(optional, { [name]: 1 }), name);
    assert.not.ok(fits({ type: 'object', required: [name] }, {}), name);
    assert.not.ok(fits({ type: 'object', additionalProperties: false }, { [name]: 1 }), name);
  }
  const closed = { type: 'object', properties: {}, additionalProperties: false };
  assert.not.ok(fits(closed, JSON.parse('{"__proto__":1}')));
  assert.not.ok(fits({ type: 'object', required: ['__proto__'] }, {}));
});
test('an unknown keyword is an annotation, whatever other vocabularies define', () => {
  for (const beside of [
    { anyOf: [{ type: 'string' }] },
    { $ref: '#/$defs/s' },
    { enum: ['a'] },
    { type: 'string' },
  ]) {
    for (const nullable of [true, false, 'yes', null]) {
      for (const start of [{}, { $schema: DRAFT_07 }]) {
        const schema = { ...start, $defs: { s: { type: 'string' } }, ...beside, nullable };
        assert.equal([fits(schema, 'a'), fits(schema, null), fits(schema, 1)], [true, false, false]);
      }
    }
  }
  const tuple = { prefixItems: [{ type: 'string', nullable: true }] };
  assert.equal([fits(tuple, ['a']), fits(tuple, [null])], [true, false]);
  const others = ['id', '$async', 'x-order', 'discriminator', '$recursiveRef', '$recursiveAnchor', 'xml'];
  for (const keyword of others) {
    for (const value of ['a', 1, true, {}, [], { $id: 'b' }, { $ref: 'nowhere' }, { nullable: true }]) {
      for (const start of [{}, { $schema: DRAFT_07 }]) {
        const check = compileSchema('t', {
          ...start,
          properties: { a: { type: 'string', [keyword]: value } },
        });
        assert.equal([check({ a: 'x' }), check({ a: 1 })?.expected], [undefined, 'string'], keyword);
      }
    }
  }
  for (const keyword of ['$anchor', '$dynamicAnchor'])
    assert.match(
      refusal({ $schema: DRAFT_07, definitions: { s: { [keyword]: 's' } }, items: { $ref: '#s' } }),
      "can't resolve reference",
    );
  assert.ok(fits({ $schema: DRAFT_07, type: 'string', $dynamicRef: '#' }, 'x'));
});
test('a member may be called like an unknown keyword, and a value may hold one', () => {
  const schema = {
    properties: { id: { type: 'integer' }, nullable: { const: { nullable: true, id: 1 } }, $async: false },
    additionalProperties: false,
  };
  assert.ok(fits(schema, { id: 1, nullable: { nullable: true, id: 1 } }));
  for (const value of [{ id: 'x' }, { nullable: { id: 1 } }, { $async: 1 }])
    assert.not.ok(fits(schema, value));
  const either = { enum: [{ nullable: true }] };
  assert.equal([fits(either, { nullable: true }), fits(either, {})], [true, false]);
});
test('a reference into an unknown keyword is followed, and an address within one is not an address', () => {
  const schema = {
    properties: { pet: { $ref: '#/components/schemas/Pet' } },
    components: {
      schemas: { Pet: { type: 'string', nullable: true }, $id: 'x', Other: { $id: 'https://[' } },
    },
  };
  assert.equal([fits(schema, { pet: 'a' }), fits(schema, { pet: null })], [true, false]);
  for (const [keyword, address] of [
    ['$id', 'https://e.example/a'],
    ['$anchor', 'a'],
    ['$dynamicAnchor', 'a'],
  ] as const) {
    const twice = {
      examples: [{ [keyword]: 'a' }],
      example: { [keyword]: address, type: 'string' },
      other: { [keyword]: address, type: 'number' },
    };
    assert.ok(fits({ ...twice, type: 'object' }, {}), keyword);
  }
  const named = { components: { $anchor: { type: 'string' } }, $ref: '#/components/$anchor' };
  assert.equal([fits(named, 'a'), fits(named, 1)], [true, false]);
});
test('draft-07 ignores keywords beside a reference, 2020-12 does not', () => {
  const name = {
    $ref: '#/definitions/name',
    type: 'integer',
    maxLength: 2,
    $id: 'https://e.example/x',
    nullable: true,
  };
  const schema = { definitions: { name: { type: 'string' } }, properties: { a: name } };
  assert.equal(
    [fits({ $schema: DRAFT_07, ...schema }, { a: 'long' }), fits({ $schema: DRAFT_07, ...schema }, { a: 1 })],
    [true, false],
  );
  const { $id: _, ...beside } = name;
  const newer = { ...schema, properties: { a: { ...beside, type: 'string' } } };
  assert.equal([fits(newer, { a: 'ab' }), fits(newer, { a: 'long' })], [true, false]);
  const root = {
    $schema: DRAFT_07,
    type: 'object',
    $ref: '#/definitions/a',
    definitions: { a: { required: ['x'] } },
  };
  assert.equal([fits(root, { x: 1 }), fits(root, {})], [true, false]);
});
test('parts of one schema refer to each other by their $id', () => {
  const tree = {
    $id: 'https://example.com/tree',
    properties: { nodes: { items: { $ref: 'node' } } },
    $defs: { node: { $id: 'node', properties: { value: { type: 'number' }, subtree: { $ref: 'tree' } } } },
  };
  assert.ok(fits(tree, { nodes: [{ value: 1, subtree: { nodes: [{ value: 2 }] } }] }));
  assert.not.ok(fits(tree, { nodes: [{ value: 1, subtree: { nodes: [{ value: 'x' }] } }] }));
});
const PART = { $id: 'https://e.example/part', type: 'string' };
type Holder = (part: object) => unknown;
const itself: Holder = (part) => part;
const list: Holder = (part) => [part];
const map: Holder = (part) => ({ x: part });
/** Keywords that hold a schema, what they hold, and the pointer from there to the schema. */
const HOLDERS: [keywords: string[], holder: Holder, pointer: string, start?: { $schema: string }][] = [
  [['additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not', 'then'], itself, ''],
  [['propertyNames', 'unevaluatedItems', 'unevaluatedProperties'], itself, ''],
  [['allOf', 'anyOf', 'oneOf'], list, '/0'],
  [['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'], map, '/x'],
  [['additionalItems'], itself, '', { $schema: DRAFT_07 }],
  [['items'], list, '/0', { $schema: DRAFT_07 }],
  [['dependencies'], (part) => ({ x: part, y: ['x'] }), '/x', { $schema: DRAFT_07 }],
];
const holding = HOLDERS.flatMap(([keywords, holder, pointer, start]) =>
  keywords.map((keyword) => ({
    place: `/definitions/owner/${keyword}${pointer}`,
    schemaWith: (part: object) => ({
      ...start,
      properties: { v: { $ref: PART.$id } },
      definitions: { owner: { [keyword]: holder(part) } },
    }),
  })),
);
test('a part has its address whichever keyword it stands under, except an unknown one', () => {
  for (const { place, schemaWith } of holding) {
    const schema = schemaWith(PART);
    assert.equal([fits(schema, { v: 'x' }), fits(schema, { v: 1 })], [true, false], place);
  }
  for (const owner of [PART, { x: PART }, { x: { y: PART } }])
    assert.match(
      refusal({ properties: { v: { $ref: PART.$id } }, definitions: { owner: { 'x-owner': owner } } }),
      "can't resolve reference",
    );
});
test('an endless part is found whichever keyword it stands under, except an unknown one', () => {
  const endless = { $id: PART.$id, allOf: [{ $ref: PART.$id }] };
  for (const { place, schemaWith } of holding)
    assert.match(refusal(schemaWith(endless)), `the schema at #${place} applies itself`);
  for (const keyword of ['x-owner', 'default', 'const'])
    assert.is(refusal({ [keyword]: { not: { $ref: `#/${keyword}/not` } } }), 'not refused');
});
test('a schema that applies itself to the same value endlessly is refused', () => {
  const endless: [schema: object, at: string][] = [
    [{ $ref: '#' }, ''],
    [{ $schema: DRAFT_07, $ref: '#' }, ''],
    [{ type: 'object', allOf: [{ $ref: '#' }] }, ''],
    [{ anyOf: [{ type: 'string' }, { $ref: '#' }] }, ''],
    [{ oneOf: [{ not: { $ref: '#' } }] }, ''],
    [JSON.parse('{"if":{"type":"object"},"then":{"$ref":"#"}}'), ''],
    [{ dependentSchemas: { a: { $ref: '#' } } }, ''],
    [{ $schema: DRAFT_07, dependencies: { a: { $ref: '#' } } }, ''],
    [{ properties: { a: { $ref: '#/properties/a' } } }, '/properties/a'],
    [{ prefixItems: [{ $ref: '#/prefixItems/0' }] }, '/prefixItems/0'],
    [{ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, '/$defs/a'],
    [{ $id: 'https://example.com/x', $ref: 'https://example.com/x' }, ''],
    [{ $id: 'https://example.com/y', $defs: { z: { $id: 'z', $ref: 'y' } }, $ref: 'z' }, ''],
    [{ $defs: { 'a/b~c d': { $anchor: 'me', allOf: [{ $ref: '#me' }] } } }, '/$defs/a~1b~0c d'],
    [{ $defs: { 'a%b': { $ref: '#/$defs/a%25b' } } }, '/$defs/a%b'],
    [{ $defs: { 'a/b~c': { $ref: '#/$defs/a~1b~0c' } } }, '/$defs/a~1b~0c'],
    [{ $defs: { z: { $id: 'a/z', $ref: './z' } } }, '/$defs/z'],
    [{ $dynamicAnchor: 'd', $dynamicRef: '#d' }, ''],
    [{ $defs: { a: { $dynamicAnchor: 'd', $dynamicRef: '#d' } } }, '/$defs/a'],
    [
      {
        $id: 'https://example.com/outer',
        $dynamicAnchor: 'd',
        $ref: 'inner',
        $defs: {
          inner: { $id: 'inner', allOf: [{ $dynamicRef: '#d' }], $defs: { d: { $dynamicAnchor: 'd' } } },
        },
      },
      '',
    ],
    [{ $ref: '#/parts/a', parts: { a: { $ref: '#/parts/b' }, b: { $ref: '#/parts/a' } } }, '/parts/a'],
  ];
  for (const [schema, at] of endless)
    assert.match(
      refusal(schema),
      `the schema at #${at} applies itself to the same value again`,
      JSON.stringify(schema),
    );
});
test('a schema that goes into a member or an item on its way back to itself is served', () => {
  const tree = {
    type: 'object',
    properties: { child: { $ref: '#' } },
    additionalProperties: { items: { $ref: '#' } },
  };
  const list = { anyOf: [{ type: 'null' }, { properties: { next: { $ref: '#' } }, required: ['next'] }] };
  for (const schema of [tree, list, { not: { contains: { $ref: '#' } } }, { propertyNames: { $ref: '#' } }])
    assert.is(refusal(schema), 'not refused');
  assert.ok(fits(tree, { child: { other: [{ child: {} }] } }));
  assert.ok(fits(list, { next: { next: null } }));
  const ignored = {
    $ref: '#/definitions/s',
    allOf: [{ $ref: '#/properties/a' }],
    not: { $ref: '#/properties/a' },
  };
  assert.is(
    refusal({ $schema: DRAFT_07, properties: { a: ignored }, definitions: { s: {} } }),
    'not refused',
    'draft-07 ignores what stands beside a reference',
  );
  const relative = { $id: 's', allOf: [{ $ref: '#/$defs/t' }], $defs: { t: { type: 'string' } } };
  assert.ok(
    fits({ $id: 'mailto:x', $ref: 's', $defs: { relative } }, 'x'),
    'an address that nothing is relative to',
  );
  // One part at two places is no loop.
  const part = { $ref: '#/$defs/p' };
  assert.is(
    refusal({ allOf: [part, part, { allOf: [part] }], $defs: { p: { minLength: 1 } } }),
    'not refused',
  );
});
test('a schema in which ever more paths lead to one part is read once for each part', () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => {
      const next = { $ref: `#/$defs/p${at + 1}` };
      return [`p${at}`, { allOf: [next, next] }];
    }),
  );
  assert.is(refusal({ $defs: { ...$defs, p40: { type: 'string' } } }), 'not refused');
});
test('a format is a note and never refuses a value', () => {
  for (const format of ['date-time', 'hasOwnProperty']) assert.ok(fits({ format }, 'yesterday'));
});
test('a check keeps nothing of the value before', () => {
  const check = compileSchema('t', { type: 'string' });
  assert.equal([check('a'), check(1)?.expected, check('b')], [undefined, 'string', undefined]);
});

test.run();
