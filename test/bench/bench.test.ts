/** The parts of the benchmark that calculate and draw, with made-up numbers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArguments } from './arguments.js';
import { readCpu, readRss } from './child.js';
import { lua, parseLoad } from './load.js';
import { plot } from './plot.js';
import { intoReadme } from './readme.js';
import { markdown, text } from './report.js';
import { add, count, messagesOf, sendCall, wrongIn } from './requests.js';
import { disturbance, linesOf, percentile, type Results, spread, verdictsOf, wrongs } from './results.js';
import type { Loaded } from './rounds.js';
import { ROWS, rowsOf } from './rows.js';
import { svgProblem } from './svg.js';

const test = suite('bench');

test('a load is read from the line that the script prints, with every kind of error added up', () => {
  const load = parseLoad('Running 1s test\n  12 requests in 2.00s\nBENCH 1000 2000000 1500 9000 1 2 3 4\n');
  assert.equal(load, { requests: 1000, seconds: 2, perSecond: 500, p50Ms: 1.5, p99Ms: 9, errors: 10 });
});

test('output without that line is an error, and so is one that is cut short', () => {
  assert.throws(() => parseLoad('unable to connect to 127.0.0.1:1 Connection refused\n'), /refused/);
  assert.throws(() => parseLoad('BENCH 1 2\n'));
});

test('a script carries any body, quoted for Lua', () => {
  const script = lua({ headers: { 'x-a': 'b' }, body: '{"a":"ü\n\\"}' });
  assert.match(script, 'wrk.body = "{\\034a\\034:\\034\\195\\188\\010\\092\\034}"');
  assert.match(script, 'wrk.headers["x-a"] = "b"');
});

test('the median of three is the middle one, and that of four lies between two', () => {
  assert.equal(spread([30, 10, 20]), { median: 20, min: 10, max: 30 });
  assert.is(spread([4, 1, 2, 3]).median, 2.5);
  assert.is(percentile([5, 1, 2, 3, 4], 0.5), 3);
  assert.is(percentile([5, 1, 2, 3, 4], 0.95), 5);
});

test('a name with blanks and brackets does not shift the processor time', () => {
  assert.is(readCpu('12 (a ) b) S 1 1 1 0 -1 4 1 0 0 0 150 50 0 0 20 0'), 2_000_000);
  assert.is(readRss('Name:\tnode\nVmRSS:\t   1024 kB\n'), 1024 * 1024);
});

test('a wrong sum, a refusal and a missing notification are wrong answers', () => {
  const right = { result: { content: [{ text: '{"sum":42}' }], structuredContent: { sum: 42 } } };
  assert.is(wrongIn(add('modern'), 200, [right]), undefined);
  const other = { result: { content: [{ text: '{"sum":42}' }], structuredContent: { sum: 41 } } };
  assert.match(wrongIn(add('modern'), 200, [other]) ?? '', 'not structured');
  assert.match(wrongIn(add('modern'), 403, [{ error: { code: 403 } }]) ?? '', 'status 403');
  const spaced = { result: { content: [{ text: '{ "sum": 42.0 }' }], structuredContent: { sum: 42 } } };
  assert.is(wrongIn(add('modern'), 200, [spaced]), undefined);
  const counted = { result: { content: [{ text: 'counted to 5' }] } };
  assert.match(wrongIn(count('modern'), 200, [counted]) ?? '', '0 progress');
});

test('the messages of a stream are its data lines, without the empty ones', () => {
  assert.equal(messagesOf('text/event-stream', 'id: 1\ndata: \n\ndata: {"a":1}\n\ndata:{"a":2}\n\n'), [
    { a: 1 },
    { a: 2 },
  ]);
});

test('a modern call says its revision in body and header, a legacy one in its header only', () => {
  const modern = sendCall(add('modern'), 'token');
  assert.is(modern.headers['mcp-method'], 'tools/call');
  assert.is(modern.headers.authorization, 'Bearer token');
  assert.match(modern.body, '_meta');
  assert.not.match(sendCall(add('legacy')).body, '_meta');
});

test('every row that others are compared with exists', () => {
  const ids = ROWS.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
  for (const { goals = [], against } of ROWS)
    for (const other of [...goals.map((goal) => goal.against), ...(against === undefined ? [] : [against])])
      assert.ok(ids.includes(other), other);
});

test('rows bring along the rows that they are compared with, and peers only where they exist', () => {
  const ids = (...names: string[]): string[] =>
    rowsOf(names, { languages: ['TypeScript'], quick: false }).map(({ id }) => id);
  assert.ok(ids('sse').includes('sse-sdk2'));
  assert.ok(ids('peers').includes('bare-100'));
  assert.not.ok(
    rowsOf(['sse', 'peers'], { languages: [], quick: false }).some(({ group }) => group === 'peers'),
  );
});

test('arguments are read, and mistakes are reported', () => {
  const read = readArguments(['--only', 'calls,start', '--quick', '--out', '/x']);
  if (read.kind !== 'run') throw new Error(read.kind);
  assert.equal(read.options.names, ['calls', 'start']);
  assert.is(read.options.command, 'npm run bench -- --only calls,start --quick');
  const registry = readArguments(['registry', '50']);
  assert.equal(registry.kind === 'run' && [registry.options.names, registry.options.servers], [
    ['registry'],
    50,
  ]);
  for (const args of [['--only', 'nope'], ['--seconds', '1.5'], ['--rounds', '0'], ['--wrong']])
    assert.is(readArguments(args).kind, 'wrong');
});

const rows = ROWS.filter(({ id }) => id === 'bare-100' || id === 'governed-modern-100');
const loaded = rows.map(
  (row): Loaded => ({
    row,
    samples: [1, 2, 3].map((round) => ({
      ...{
        requests: 1,
        seconds: 1,
        p50Ms: 1,
        p99Ms: 2 * round,
        errors: 0,
        cpuMicrosPerCall: row.server === 'bare' ? 500 : 600,
      },
      perSecond: (row.server === 'bare' ? 1000 : 800) * round,
    })),
    wrong: row.server === 'bare' ? [] : ['<wrong> & "odd"'],
  }),
);
const lines = linesOf(loaded);
const results: Results = {
  about: { node: '24', 'a<b': '&' },
  lines,
  measures: [],
  series: [
    {
      name: 'a & b',
      over: 'tools',
      points: [7, 1000].map((at) => ({ at, cpuMicros: at, perSecond: 1 })),
      wrong: [],
    },
    { name: 'one', over: 'tenants', points: [{ at: 10, cpuMicros: 0, perSecond: 1 }], wrong: [] },
  ],
  verdicts: verdictsOf(rows, lines),
};

test('a row is compared by its median, and a goal is met or not by that', () => {
  assert.is(lines.find(({ id }) => id === 'governed-modern-100')?.ratio, 0.8);
  assert.equal(
    results.verdicts.map(({ met, measured }) => [met, measured]),
    [
      [true, '0.80 (by CPU 0.83)'],
      [true, '1.00'],
    ],
  );
  const alone = verdictsOf(rows, linesOf(loaded.slice(1)));
  assert.is(alone[0]?.met, undefined);
});

test('where servers did not get their core, no goal is met or missed by their rate', () => {
  assert.equal(disturbance(lines), {});
  const some = lines.map((line) => ({ ...line, core: { median: 0.5, min: 0.4, max: 1 } }));
  assert.match(disturbance(some).disturbed ?? '', '2 of 2 rows');
  assert.match(text({ ...results, lines: some }), /bare node:http .* disturbed/);
  assert.equal(
    verdictsOf(rows, some).map(({ met, disturbed }) => [met, disturbed]),
    [
      [undefined, true],
      [undefined, true],
    ],
  );
});

test('a row with a wrong answer says so in the tables, and is reported', () => {
  assert.match(text(results), /governed, 2026-07-28 .* wrong/);
  assert.match(markdown(results), '| governed, 2026-07-28 | 100 | 1,600 | 800..2,400 |');
  assert.equal(wrongs(results), ['governed-modern-100: <wrong> & "odd"']);
});

test('the plot is well-formed: every element is closed, and no text is taken for one', () => {
  for (const some of [results, { ...results, lines: [], series: [] }])
    assert.is(svgProblem(plot(some)), undefined);
});

test('tables replace those of the run before, and nothing around them', () => {
  const readme = (of20: string): string =>
    `a\n<!-- speed: Node 20 -->\n${of20}\n<!-- /speed: Node 20 -->\n<!-- speed: Node 24 -->\nb\n<!-- /speed: Node 24 -->\n`;
  assert.is(intoReadme(readme('old'), 'speed: Node 20', 'new'), readme('new'));
  assert.throws(() => intoReadme(readme('old'), 'speed: Node 22', 'new'), /no <!-- speed: Node 22 -->/);
});

test.run();
