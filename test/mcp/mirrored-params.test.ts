import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mirroredParams } from '../../src/wire/mcp/catalog.js';
import { SchemaRefused } from '../../src/wire/schema/compile.js';

const test = suite('mcp/mirrored-params');

function refusal(properties: object, beside: object = {}): string {
  try {
    mirroredParams('tool t', { type: 'object', properties, ...beside });
  } catch (error) {
    assert.instance(error, SchemaRefused);
    return (error as Error).message;
  }
  return 'served';
}
const at = (header: unknown, type: unknown): object => ({ type, 'x-mcp-header': header });

test('each annotated property is found with header, path and type', () => {
  const inner = { type: 'object', properties: { zone: at('Zone', 'integer') } };
  const schema = {
    type: 'object',
    properties: { region: at('Region', 'string'), dry: at('Dry', 'boolean'), place: inner, free: {} },
  };
  assert.equal(mirroredParams('t', schema), [
    { header: 'Mcp-Param-Region', path: ['region'], type: 'string' },
    { header: 'Mcp-Param-Dry', path: ['dry'], type: 'boolean' },
    { header: 'Mcp-Param-Zone', path: ['place', 'zone'], type: 'integer' },
  ]);
  assert.equal(mirroredParams('t', { type: 'object' }), []);
});
test('a header name is a token, and not empty', () => {
  for (const header of ['', 'a b', 'a\r\nX: y', 'a:b', 'é', 'a/b', 7, null, {}, ['a']])
    assert.match(
      refusal({ p: at(header, 'string') }),
      'tool t: /p: "x-mcp-header" must be a header token',
      String(header),
    );
  assert.is(refusal({ p: at("!#$%&'*+-.^_`|~09azAZ", 'string') }), 'served');
});
test('only texts, integers and booleans are mirrored', () => {
  for (const type of ['number', 'object', 'array', 'null', ['string', 'null'], undefined, 'toString'])
    assert.match(refusal({ p: at('P', type) }), 'needs type string, integer, boolean', String(type));
  for (const type of ['string', 'integer', 'boolean']) assert.is(refusal({ p: at('P', type) }), 'served');
});
test('two parameters cannot share a header, whatever its case', () => {
  assert.match(
    refusal({ a: at('Same', 'string'), b: at('sAME', 'string') }),
    'two parameters share the header',
  );
  assert.match(
    refusal({ a: at('Same', 'string'), b: { properties: { c: at('Same', 'string') } } }),
    'two parameters share the header',
  );
});
test('an annotation is reached through properties only', () => {
  const alone = 'only on a property reached through "properties" alone';
  assert.match(refusal({ list: { type: 'array', items: at('A', 'string') } }), alone);
  assert.match(refusal({ list: { type: 'array', items: { properties: { a: at('A', 'string') } } } }), alone);
  for (const keyword of ['oneOf', 'anyOf', 'allOf']) {
    assert.match(refusal({}, { [keyword]: [{ properties: { a: at('A', 'string') } }] }), alone);
    assert.match(refusal({ p: { [keyword]: [at('A', 'string')] } }), alone);
  }
  for (const keyword of ['not', 'if', 'then', 'else', 'additionalProperties'])
    assert.match(refusal({}, { [keyword]: { properties: { a: at('A', 'string') } } }), alone, keyword);
  assert.match(refusal({ a: { $ref: '#/$defs/a' } }, { $defs: { a: at('A', 'string') } }), alone);
  assert.match(refusal({}, { 'x-mcp-header': 'Root' }), alone);
});
test('a parameter may itself be named x-mcp-header', () => {
  assert.is(refusal({ 'x-mcp-header': { type: 'string' } }), 'served');
  assert.equal(mirroredParams('t', { properties: { 'x-mcp-header': at('X', 'string') } }).length, 1);
});

test.run();
