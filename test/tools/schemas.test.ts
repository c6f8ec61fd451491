import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Database } from '../../src/demo/database/database.js';
import { destructiveTools, readonlyTools } from '../../src/demo/tools/index.js';
import { compileSchema } from '../../src/wire/schema/compile.js';

const test = suite('tools/schemas');
// Only what they say of themselves is read, and that asks no database.
const NONE = {} as Database;
const now = (): Date => new Date(0);
const tools = [
  ...readonlyTools(NONE, () => '/', now, { deadlineMs: 1, maxRows: 1 }),
  ...destructiveTools(NONE, now, () => {}),
];

/** Pointers of the schemas whose `type` is a list. */
function typeLists(value: unknown, pointer: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === 'type' && Array.isArray(part) ? [`${pointer}/type`] : typeLists(part, `${pointer}/${key}`),
  );
}

test('no schema of a built-in tool has a list of types, which strict clients warn of and model APIs refuse', () => {
  assert.is(tools.length, 7);
  for (const { name, inputSchema, outputSchema } of tools)
    assert.equal(typeLists({ inputSchema, outputSchema }, name), []);
  assert.equal(typeLists({ items: [{ type: ['string', 'null'] }] }, 'a'), ['a/items/0/type']);
});

test('every schema of a built-in tool is valid and compiles, because their server does not compile them at start', () => {
  for (const { name, inputSchema, outputSchema, schemasTested } of tools) {
    assert.is(schemasTested, true);
    for (const schema of [inputSchema, outputSchema]) assert.type(compileSchema(name, schema), 'function');
  }
});

test.run();
