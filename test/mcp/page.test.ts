import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/fault.js';
import { pageOf } from '../../src/mcp/page.js';

const test = suite('mcp/page');
const five = [1, 2, 3, 4, 5];

function refused(cursor: unknown, items: readonly number[] = five): boolean {
  const page = pageOf('tools', items, cursor, 2);
  return page instanceof Fault && page.name === 'invalidParams' && page.code === -32602;
}

test('the cursors lead through all items once, and the last page has none', () => {
  const seen: number[][] = [];
  let cursor: string | undefined;
  do {
    const page = pageOf('tools', five, cursor, 2);
    if (page instanceof Fault) throw page;
    seen.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  assert.equal(seen, [[1, 2], [3, 4], [5]]);
});
test('a full page that is also the last has no cursor', () => {
  assert.equal(pageOf('tools', [1, 2], undefined, 2), { items: [1, 2] });
  assert.equal(pageOf('tools', [], undefined, 2), { items: [] });
});
test('a cursor of another list is refused', () => {
  assert.ok(refused(btoa('prompts:2')));
  assert.ok(refused(btoa('tools2:2')));
  assert.not.ok(refused(btoa('tools:2')));
});
test('a cursor that leads past the end is refused, the end included', () => {
  assert.not.ok(refused(btoa('tools:4')));
  assert.ok(refused(btoa('tools:5')));
  assert.ok(refused(btoa('tools:6')));
  assert.ok(refused(btoa('tools:999999999')));
  assert.ok(refused(btoa('tools:1'), []));
});
test('a cursor that this server would not write is refused', () => {
  for (const place of ['-2', '0', '02', '2.0', '1e0', '', ' 2', '2 ', '9'.repeat(400), 'NaN'])
    assert.ok(refused(btoa(`tools:${place}`)), place);
  const cursor = btoa('tools:2');
  for (const tampered of [
    '',
    '!',
    '2',
    'tools:2',
    ` ${cursor}`,
    `${cursor}=`,
    cursor.replace(/=+$/, ''),
    'é',
    '\0',
  ])
    if (tampered !== cursor) assert.ok(refused(tampered), tampered);
});
test('a cursor is text', () => {
  for (const cursor of [2, null, true, [], {}, [btoa('tools:2')]]) assert.ok(refused(cursor));
});
test('a refusal quotes the cursor, but not all of a long one', () => {
  const page = pageOf('tools', five, 'x'.repeat(10_000), 2);
  assert.ok(page instanceof Fault && page.message.length < 150 && page.message.includes('"xxx'));
});

test.run();
