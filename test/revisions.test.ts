import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isRevision,
  MODERN,
  NEWEST_LEGACY,
  REVISIONS,
  SUPPORTED,
  WITHOUT_HEADER,
} from '../src/wire/revisions.js';

const test = suite('revisions');

test('five revisions are served, newest first', () => {
  assert.equal(SUPPORTED, ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']);
  assert.equal([...SUPPORTED].sort().reverse(), SUPPORTED);
});
test('only 2026-07-28 is modern', () => {
  assert.equal(
    SUPPORTED.filter((revision) => REVISIONS[revision].era === 'modern'),
    [MODERN],
  );
  assert.equal([NEWEST_LEGACY, WITHOUT_HEADER], ['2025-11-25', '2025-03-26']);
});
test('only 2025-03-26 has batches', () => {
  assert.equal(
    SUPPORTED.filter((revision) => REVISIONS[revision].batches),
    ['2025-03-26'],
  );
});
test('bad arguments are a protocol error up to 2025-06-18', () => {
  assert.equal(
    SUPPORTED.filter((revision) => REVISIONS[revision].badArguments === 'error'),
    ['2025-06-18', '2025-03-26', '2024-11-05'],
  );
});
test('a feature of one revision is never lost in a later one, except batches', () => {
  const oldestFirst = [...SUPPORTED].reverse().map((revision) => REVISIONS[revision]);
  for (const key of ['annotations', 'structured', 'structuredAny'] as const) {
    const held = oldestFirst.map((each) => each[key]);
    assert.equal(held, [...held].sort(), key);
  }
});
test('a revision is found in the table by its own name only', () => {
  for (const revision of SUPPORTED) assert.ok(isRevision(revision));
  for (const other of [
    '2025-06-19',
    '',
    'constructor',
    '__proto__',
    'toString',
    null,
    20250618,
    ['2025-06-18'],
  ])
    assert.not.ok(isRevision(other), String(other));
});
test('each revision links to its own specification', () => {
  for (const revision of SUPPORTED) assert.ok(REVISIONS[revision].spec.endsWith(revision));
});

test.run();
