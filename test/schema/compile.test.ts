import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileSchema, SchemaRefused } from '../../src/wire/schema/compile.js';

const test = suite('schema/compile');
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

function refusal(schema: unknown): string {
  try {
    compileSchema('tool t', schema);
  } catch (error) {
    assert.instance(error, SchemaRefused);
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
    '',
    7,
    null,
  ]) {
    assert.match(refusal({ $schema }), `tool t: the dialect ${JSON.stringify($schema)} is not supported`);
  }
});
test('a schema is an object, and a valid one', () => {
  for (const schema of [true, null, [], 'x', undefined])
    assert.is(refusal(schema), 'tool t: a schema must be a JSON object');
  assert.match(refusal({ type: 'objekt' }), 'tool t: not a usable schema');
  assert.match(refusal({ pattern: '(' }), 'not a usable schema');
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
  const part = (type: string) => ({
    properties: { v: { $ref: 'https://example.com/part' } },
    $defs: { part: { $id: 'https://example.com/part', type } },
  });
  assert.ok(fits(part('string'), { v: 'x' }));
  assert.ok(fits(part('number'), { v: 1 }));
  assert.not.ok(fits(part('number'), { v: 'x' }));
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
});
test('a member may be called like an unknown keyword, and a value may hold one', () => {
  const schema = {
    properties: { id: { type: 'integer' }, nullable: { const: { nullable: true, id: 1 } }, $async: false },
    additionalProperties: false,
  };
  assert.ok(fits(schema, { id: 1, nullable: { nullable: true, id: 1 } }));
  for (const value of [{ id: 'x' }, { nullable: { id: 1 } }, { $async: 1 }])
    assert.not.ok(fits(schema, value));
});
test('a reference into an unknown keyword is followed, and an address within one is not an address', () => {
  const schema = {
    properties: { pet: { $ref: '#/components/schemas/Pet' } },
    components: {
      schemas: { Pet: { type: 'string', nullable: true }, $id: 'x', Other: { $id: 'https://[' } },
    },
  };
  assert.equal([fits(schema, { pet: 'a' }), fits(schema, { pet: null })], [true, false]);
  const twice = {
    examples: [{ $id: 'a' }],
    example: { $id: 'https://e.example/a' },
    other: { $id: 'https://e.example/a' },
  };
  assert.ok(fits({ ...twice, type: 'object' }, {}));
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
const APPLIERS: [keywords: string[], value: unknown][] = [
  [['additionalProperties', 'contains', 'contentSchema', 'else', 'if', 'items', 'not', 'then'], PART],
  [['propertyNames', 'unevaluatedItems', 'unevaluatedProperties'], PART],
  [['allOf', 'anyOf', 'oneOf'], [PART]],
  [['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'], { x: PART }],
];
test('a part has its address whichever keyword it stands under, except an unknown one', () => {
  const owner = (keyword: string, value: unknown, start = {}) => ({
    ...start,
    properties: { v: { $ref: PART.$id } },
    definitions: { owner: { [keyword]: value } },
  });
  const cases = APPLIERS.flatMap(([keywords, value]) => keywords.map((keyword) => owner(keyword, value)));
  const draft07 = { $schema: DRAFT_07 };
  cases.push(owner('additionalItems', PART, draft07), owner('items', [PART], draft07));
  cases.push(owner('dependencies', { x: PART, y: ['x'] }, draft07));
  for (const schema of cases)
    assert.equal(
      [fits(schema, { v: 'x' }), fits(schema, { v: 1 })],
      [true, false],
      JSON.stringify(schema.definitions),
    );
  for (const value of [PART, { x: PART }, { x: { y: PART } }])
    assert.match(refusal(owner('x-owner', value)), "can't resolve reference");
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
    [{ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, '/$defs/a'],
    [{ $id: 'https://example.com/x', $ref: 'https://example.com/x' }, ''],
    [{ $id: 'https://example.com/y', $defs: { z: { $id: 'z', $ref: 'y' } }, $ref: 'z' }, ''],
    [{ $defs: { 'a/b~c d': { $anchor: 'me', allOf: [{ $ref: '#me' }] } } }, '/$defs/a~1b~0c d'],
    [{ $defs: { 'a%b': { $ref: '#/$defs/a%25b' } } }, '/$defs/a%b'],
    [{ $dynamicAnchor: 'd', $dynamicRef: '#d' }, ''],
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
  // One part at two places is no loop.
  const part = { $ref: '#/$defs/p' };
  assert.is(
    refusal({ allOf: [part, part, { allOf: [part] }], $defs: { p: { minLength: 1 } } }),
    'not refused',
  );
});
test('a format is a note and never refuses a value', () => {
  assert.ok(fits({ format: 'date-time' }, 'yesterday'));
});
test('a check keeps nothing of the value before', () => {
  const check = compileSchema('t', { type: 'string' });
  assert.equal([check('a'), check(1)?.expected, check('b')], [undefined, 'string', undefined]);
});

test.run();
