import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPrompts, createResources } from '../../src/wire/mcp/resources.js';
import type { JsonObject } from '../../src/wire/value.js';
import { ask, errorOf, resultOf, serverOf } from './ask.js';

const test = suite('mcp/complete');

const CITIES = Array.from({ length: 150 }, (_, index) => `city-${index}`);
let others: unknown;
const server = {
  ...serverOf([]),
  prompts: createPrompts([
    {
      name: 'travel',
      arguments: [
        { name: 'to', complete: (value) => CITIES.filter((city) => city.startsWith(value)) },
        { name: 'by' },
        {
          name: 'why',
          complete: async (_value, given) => {
            others = given;
            return ['sun'];
          },
        },
        { name: 'never', complete: () => new Promise<string[]>(() => {}) },
      ],
      get: () => ({ messages: [] }),
    },
  ]),
  resources: createResources(
    [],
    [
      {
        uriTemplate: 'city://{city}/{street}',
        name: 'city',
        read: () => [],
        complete: { city: (value) => CITIES.filter((city) => city.endsWith(value)) },
      },
      { uriTemplate: 'plain://{a}', name: 'plain', read: () => [] },
    ],
  ),
};
const PROMPT = { type: 'ref/prompt', name: 'travel' };
const CITY = { type: 'ref/resource', uri: 'city://{city}/{street}' };

const complete = (params: JsonObject) => ask(server, '2026-07-28', 'completion/complete', params);
async function completion(ref: unknown, name: string, value = '', more: JsonObject = {}): Promise<unknown> {
  return resultOf(await complete({ ref, argument: { name, value }, ...more })).completion;
}
const NOTHING = { values: [], total: 0, hasMore: false };

test('at most a hundred values are sent, and whether there are more', async () => {
  assert.equal(await completion(PROMPT, 'to'), { values: CITIES.slice(0, 100), total: 150, hasMore: true });
  assert.equal(await completion(PROMPT, 'to', 'city-14'), {
    values: ['city-14', ...CITIES.slice(140)],
    total: 11,
    hasMore: false,
  });
  assert.equal(await completion(PROMPT, 'to', 'village'), NOTHING);
});
test('the variables of a template are completed too', async () => {
  assert.equal(await completion(CITY, 'city', '-149'), { values: ['city-149'], total: 1, hasMore: false });
});
test('an argument that has no values of its own gets none', async () => {
  assert.equal(await completion(PROMPT, 'by'), NOTHING);
  assert.equal(await completion(CITY, 'street'), NOTHING);
  assert.equal(await completion({ type: 'ref/resource', uri: 'plain://{a}' }, 'a'), NOTHING);
});
test('an argument named like what every object inherits completes to nothing', async () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf']) {
    assert.equal(await completion(CITY, name, 'x'), NOTHING, name);
  }
  assert.equal(server.errors, []);
});
test('the other arguments reach the completer: texts only', async () => {
  const context = { arguments: { to: 'city-1', by: 3, constructor: 'c' } };
  await completion(PROMPT, 'why', '', { context });
  assert.equal(Object.entries(others ?? {}), [
    ['to', 'city-1'],
    ['constructor', 'c'],
  ]);
  for (const odd of [undefined, null, 'x', { arguments: [] }, { arguments: 'x' }]) {
    await completion(PROMPT, 'why', '', { context: odd });
    assert.equal(others, {});
  }
});
test('a request that cannot be completed is refused, and the refusal says what is wrong', async () => {
  const argument = { name: 'to', value: '' };
  const refused: [JsonObject, RegExp][] = [
    [{ argument }, /params\.ref must be/],
    [{ ref: { type: 'ref/tool', name: 'x' }, argument }, /params\.ref must be/],
    [{ ref: { type: 'ref/prompt' }, argument }, /params\.ref must be/],
    [{ ref: { type: 'ref/prompt', name: 'constructor' }, argument }, /no such prompt/],
    [{ ref: { type: 'ref/resource', uri: 'city://a/b' }, argument }, /no such template/],
    [{ ref: PROMPT, argument: { name: 'from', value: '' } }, /no argument "from"/],
    [{ ref: PROMPT, argument: { name: 'constructor', value: '' } }, /no argument "constructor"/],
    [{ ref: PROMPT }, /params\.argument/],
    [{ ref: PROMPT, argument: { name: 'to' } }, /params\.argument/],
    [{ ref: PROMPT, argument: { name: 'to', value: 1 } }, /params\.argument/],
  ];
  for (const [params, words] of refused) {
    const { code, message } = errorOf(await complete(params));
    assert.is(code, -32602);
    assert.match(message, words);
  }
});
test('a server with neither prompts nor resources has no completion', async () => {
  const { code } = errorOf(await ask(serverOf([]), '2026-07-28', 'completion/complete', {}));
  assert.is(code, -32601);
});

test.run();
