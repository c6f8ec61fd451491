/** The list of safe patterns, with which patterns.test.ts saves its time, held against the checker. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPattern, readList } from './support/patterns.js';

const test = suite('patterns-list');

test('the checker tells an explosive pattern from a harmless one', async () => {
  assert.is(await checkPattern('^(a+)+$', ''), 'vulnerable, exponential');
  assert.is(await checkPattern('\\s*$', ''), 'vulnerable, 2nd degree polynomial');
  assert.is(await checkPattern('^[a-z]+$', ''), 'safe');
});

test('every pattern of the list is safe', async () => {
  const list = readList();
  assert.ok(list.length > 200, `${list.length}`);
  for (const pattern of list) {
    const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(pattern) ?? [];
    assert.is(await checkPattern(source, flags), 'safe', pattern);
  }
});

test.run();
