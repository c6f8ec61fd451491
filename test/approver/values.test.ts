import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argumentsTable } from '../../src/governance/approval/pages/arguments.js';

const test = suite('approver/values');

test('a text and a number that look the same differ, in the table and as JSON', () => {
  const { text } = argumentsTable({ a: '5', b: 5, c: '', d: null, e: [1, '<'] });
  assert.match(text, /<span class="text" dir="auto">5<\/span>/);
  assert.match(text, /<code class="text">5<\/code>/);
  assert.match(text, /an empty text/);
  assert.match(text, /<code class="text">null<\/code>/);
  assert.match(text, /&quot;&lt;&quot;/);
  assert.match(text, /<pre>\{\n {2}&quot;a&quot;: &quot;5&quot;,\n {2}&quot;b&quot;: 5,/);
});

test('each argument is a row with a header, in a table with a caption', () => {
  const { text } = argumentsTable({ one: 1, two: 2 });
  assert.match(text, /<table[^>]*>\s*<caption class="heard">/);
  assert.is([...text.matchAll(/<th scope="row">/g)].length, 2);
  assert.is([...text.matchAll(/<th scope="col">/g)].length, 2);
});

test('a call without arguments, or with unnamed ones, is shown as JSON right away', () => {
  for (const [args, shown] of [
    [{}, '{}'],
    [undefined, 'none'],
    [[1], '[\n  1\n]'],
  ] as const) {
    const { text } = argumentsTable(args);
    assert.not.match(text, /<table/);
    assert.match(text, /<details open>/);
    assert.ok(text.includes(`<pre>${shown}</pre>`), text);
  }
});

test('a long value is shown in full', () => {
  const { text } = argumentsTable({ long: `${'x'.repeat(8_000)}END` });
  assert.is([...text.matchAll(/END/g)].length, 2);
});

test.run();
