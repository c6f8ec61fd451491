import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/services/registry/entry.js';
import { createShare } from '../../src/services/registry/store/share.js';

const test = suite('registry/share');
const parse = (json: string) => JSON.parse(json) as Entry;
const share = createShare();

test('equal parts of two entries are one object, and each entry keeps its value', () => {
  const json = '{"held":{"a":{"schema":{"type":"object","required":["id"]}}},"name":"one"}';
  const [one, other] = [share(parse(json)), share(parse(json.replace('one', 'two')))];
  assert.is(one.held.a, other.held.a);
  assert.is(JSON.stringify(one), json);
  assert.is(other.name, 'two');
});

test('a part whose members have another order is another part', () => {
  const [one, other] = [share(parse('{"held":{"a":1,"b":2}}')), share(parse('{"held":{"b":2,"a":1}}'))];
  assert.equal(
    [Object.keys(one.held), Object.keys(other.held)],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
  );
});

test('a text is not confused with the number or the object that it spells', () => {
  const json = '{"held":[1,"1",{"a":1},"{\\"a\\":1}",null,"null",[],"[]"]}';
  assert.is(JSON.stringify(share(parse(json))), json);
});

test('a negative zero stays one', () => {
  share(parse('{"held":{"least":0}}'));
  const { held } = share({ held: { least: -0 } } as unknown as Entry);
  assert.ok(Object.is(held.least, -0));
});

test('a member called __proto__ stays a member', () => {
  const json = `{"held":{"__proto__":{"x":"${'y'.repeat(300)}"},"a":["b"]}}`;
  const { held } = share(parse(json));
  assert.is(JSON.stringify({ held }), json);
  assert.is(Object.getPrototypeOf(held), Object.prototype);
});

test('the given entry is not changed', () => {
  share(parse('{"held":{"a":["b"]}}'));
  const before = Object.freeze({ held: Object.freeze({ a: Object.freeze(['b']) }) }) as unknown as Entry;
  assert.equal(share(before), before);
});

test('an entry of some thousand parts does not grow the pool endlessly', () => {
  const parts = (from: number) =>
    Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`k${at}`, `v${from + at}`]));
  const first = share({ held: { a: { x: 'kept' } } } as unknown as Entry).held.a;
  share({ held: parts(0) } as unknown as Entry);
  // It was forgotten, so the next one is another object.
  assert.is.not(share({ held: { a: { x: 'kept' } } } as unknown as Entry).held.a, first);
});

test.run();
