/** The parts of `npm run scale` that are pure: its options, the proxy's configuration, what is counted, and the plot. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf } from '../support/chapter.js';
import { type Cores, comparison } from './cores.js';
import { HELP, readOptions } from './options.js';
import { ceiling, plotOf } from './plot.js';
import { configuration } from './proxy.js';
import { type Attempt, rowOf, secondsOf, tableOf } from './tally.js';

const test = suite('scale');

const shown = blocksOf('19-replicas').find(({ language }) => language === 'nginx')?.text ?? '';

test('the configuration is that of chapter 19, with other addresses and as many replicas as there are', () => {
  const made = configuration(shown, 9_000, [9_001, 9_002, 9_003]);
  const servers = [...made.matchAll(/^ *server 127\.0\.0\.1:(\d+) fail_timeout=2s;$/gm)];
  assert.equal(
    servers.map(([, port]) => port),
    ['9001', '9002', '9003'],
  );
  assert.match(made, 'listen 127.0.0.1:9000;');
  const rest = (text: string): string => text.replace(/^ *(server|listen) 127.*\n/gm, '');
  assert.is(rest(made), rest(shown));
});
test('a proxy that shows no replica is refused', () => {
  assert.throws(() => configuration('events {}', 1, [2]), 'shows no replica');
});
test('the page keeps unused connections shorter than a replica that stops does', async () => {
  const { configure } = await import('../../src/app/settings/config.js');
  const seconds = Number(/keepalive_timeout (\d+)s/.exec(shown)?.[1]);
  assert.ok(seconds * 1_000 < configure({}).lingerMs);
});
test('every flag has its default, and a wrong value is an error', () => {
  const { replicas, clients, seconds, quick } = readOptions([]);
  assert.equal([replicas, clients, seconds, quick], [2, 100, 12, false]);
  assert.is(readOptions(['--quick']).seconds, 3);
  assert.is(readOptions(['--quick', '--seconds', '5']).seconds, 5);
  assert.throws(() => readOptions(['--replicas', '1']), /--replicas: expected a whole number of at least 2/);
  assert.throws(() => readOptions(['--nonsense']));
  for (const flag of ['replicas', 'clients', 'seconds', 'rest', 'out', 'alone', 'from', 'quick'])
    assert.match(HELP, `--${flag} `);
});

const attempts: Attempt[] = [
  { atMs: 100, outcome: 'answered', by: 'r1', tookMs: 10 },
  { atMs: 200, outcome: 'answered', by: 'r2', tookMs: 30 },
  { atMs: 1_100, outcome: 'broken', by: undefined, tookMs: 5, why: 'socket hang up' },
  { atMs: 1_200, outcome: 'answered', by: 'r1', tookMs: 20 },
  { atMs: 1_900, outcome: 'refused', by: 'r1', tookMs: 1 },
  { atMs: 2_500, outcome: 'lost', by: undefined, tookMs: 1 },
];
test('attempts are counted by phase and by second', () => {
  const row = rowOf({ name: 'both', fromMs: 0, toMs: 2_000 }, attempts);
  assert.equal([row.perSecond, row.medianMs, row.broken, row.refused, row.lost], [2, 20, 1, 1, 0]);
  assert.equal([Math.round(row.shares.r1 ?? 0), Math.round(row.shares.r2 ?? 0)], [67, 33]);
  assert.equal(secondsOf(attempts, 2_000), [
    { answered: { r1: 1, r2: 1 }, broken: 0, refused: 0 },
    { answered: { r1: 1 }, broken: 1, refused: 1 },
  ]);
  const [head = '', line = ''] = tableOf([row]).split('\n');
  assert.match(head, /^phase +calls\/s/);
  assert.match(line, /^both .* r1 67 %, r2 33 %$/);
});
test('a phase in which nothing was answered has a row all the same', () => {
  const row = rowOf({ name: 'none', fromMs: 5_000, toMs: 6_000 }, attempts);
  assert.equal([row.perSecond, row.medianMs, row.shares], [0, 0, {}]);
});
test('the plot has a bar for each replica and second, and its words are escaped', () => {
  const seconds = secondsOf(attempts, 2_000);
  const phases = [{ name: 'a < b & c', fromMs: 0, toMs: 2_000 }];
  const svg = plotOf({
    title: 't',
    seconds,
    phases,
    events: [{ atMs: 1, what: 'e' }],
    replicas: ['r1', 'r2'],
  });
  assert.is(
    svg.match(/<rect x="[^"]+" y="[^"]+" width="[^"]+" height="[^"]+" fill="#c62828"\/>/g)?.length,
    2,
  );
  assert.match(svg, 'a &lt; b &amp; c');
  assert.not.match(svg, 'NaN');
  assert.equal([1, 3, 7, 95, 1_000, 1_001].map(ceiling), [1, 4, 8, 100, 1_000, 2_000]);
});
test('two replicas are compared with one by the median of what each did for a second of processor time', () => {
  const one = (replicas: number, perCore: number): Cores => ({
    ...{ tool: 't', replicas, perCore, perSecond: 0, busy: 0, transactions: 0 },
  });
  const all = [one(1, 90), one(1, 100), one(1, 500), one(2, 10), one(2, 95), one(2, 99)];
  assert.equal(comparison(all, 't'), { one: 100, two: 95, ratio: 0.2 });
});

test.run();
