import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTime, relativeTime } from '../../src/pages/time.js';

const test = suite('pages/time');
const NOW = new Date('2026-03-02T10:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const wordsAt = (fromNow: number): string =>
  relativeTime(NOW.getTime() + fromNow, NOW).text.replace(/<[^>]*>/g, '');

test('a time is written as people say it, before and after', () => {
  for (const [fromNow, words] of [
    [0, 'just now'],
    [-59_999, 'just now'],
    [-MINUTE_MS, '1 min ago'],
    [1, 'in less than a minute'],
    [5 * MINUTE_MS, 'in 5 min'],
    [-HOUR_MS + 1, '59 min ago'],
    [-HOUR_MS, '1 h ago'],
    [-DAY_MS + 1, '23 h ago'],
    [-DAY_MS, '1 day ago'],
    [2 * DAY_MS, 'in 2 days'],
    [-30 * DAY_MS + 1, '29 days ago'],
    [-30 * DAY_MS, '2026-01-31'],
  ] as const)
    assert.is(wordsAt(fromNow), words);
});

test('the exact time is in the tooltip, in UTC', () => {
  const { text } = relativeTime(NOW.getTime() - MINUTE_MS, NOW);
  assert.match(text, '<time datetime="2026-03-02T09:59:00.000Z" title="2026-03-02 09:59:00 UTC">1 min ago');
  assert.is(
    exactTime(NOW.getTime()).text,
    '<time datetime="2026-03-02T10:00:00.000Z">2026-03-02 10:00:00 UTC</time>',
  );
});

test.run();
