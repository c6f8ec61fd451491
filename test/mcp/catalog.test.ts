import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Catalog } from '../../src/wire/mcp/catalog.js';
import type { Tool } from '../../src/wire/mcp/definitions.js';
import { SchemaRefused } from '../../src/wire/schema/compile.js';
import { toolOf } from './ask.js';

const test = suite('mcp/catalog');

function refusal(...tools: Tool[]): string {
  try {
    new Catalog(tools);
  } catch (error) {
    assert.instance(error, SchemaRefused);
    return (error as Error).message;
  }
  return 'served';
}

test('tools are listed in the order of registration and found by name', () => {
  const catalog = new Catalog(['b', 'a', 'c'].map((name) => toolOf(name)));
  assert.equal(
    catalog.listFor('2025-11-25').map(({ name }) => name),
    ['b', 'a', 'c'],
  );
  assert.is(catalog.entries.get('a')?.tool.name, 'a');
  for (const other of ['A', 'd', '', 'constructor', '__proto__'])
    assert.is(catalog.entries.get(other), undefined);
});
test('a name is taken once', () => {
  assert.is(refusal(toolOf('a'), toolOf('a')), 'tool a: the name is taken by another tool');
  assert.is(refusal(toolOf('a'), toolOf('A')), 'served');
});
test('a name has 1 to 128 of the characters that MCP allows', () => {
  for (const name of ['a', 'A-z_0.9', 'x'.repeat(128), 'constructor', '__proto__'])
    assert.is(refusal(toolOf(name)), 'served');
  for (const name of ['', 'a b', 'a/b', 'a,b', 'é', 'a\n', 'x'.repeat(129)])
    assert.match(refusal(toolOf(name)), 'a name has 1 to 128', JSON.stringify(name));
});
test('a tool without a handler is refused when it is registered', () => {
  const bare = toolOf('bare');
  Reflect.deleteProperty(bare, 'handler');
  const said = 'tool bare: handler must be a function (args, context) that returns a result, received';
  assert.is(refusal(bare), `${said} nothing`);
  for (const [handler, kind] of [
    [null, 'null'],
    ['run', 'a string'],
    [Promise.resolve(), 'an object'],
  ])
    assert.is(refusal(Object.assign(toolOf('bare'), { handler })), `${said} ${kind}`);
});
test('an input schema is an object schema', () => {
  for (const inputSchema of [{}, { type: 'string' }, { type: ['object'] }, { properties: {} }])
    assert.match(refusal(toolOf('t', { inputSchema })), 'must have "type": "object" at its root');
});
test('a schema that cannot be served names its tool and which of the two it is', () => {
  assert.match(
    refusal(toolOf('t', { inputSchema: { type: 'object', required: 1 } })),
    /^tool t inputSchema: not a usable/,
  );
  assert.match(
    refusal(toolOf('t', { outputSchema: { type: 'nope' } })),
    /^tool t outputSchema: not a usable/,
  );
  assert.match(
    refusal(
      toolOf('t', {
        inputSchema: { type: 'object', properties: { p: { type: 'number', 'x-mcp-header': 'P' } } },
      }),
    ),
    /^tool t: \/p: "x-mcp-header" needs type/,
  );
});
test('an output is checked only where there is a schema for it', () => {
  const catalog = new Catalog([toolOf('plain'), toolOf('strict', { outputSchema: { type: 'array' } })]);
  assert.is(catalog.entries.get('plain')?.checkOutput, undefined);
  assert.is(catalog.entries.get('strict')?.checkOutput?.({})?.expected, 'array');
});

test.run();
