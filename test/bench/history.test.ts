/** What stays on the page from earlier runs, and the goals that a run is judged by. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GOALS } from './goals.js';
import { newestOf, type Run, readRuns, runsMarkdown, runsText, verdictsIn, withRun } from './history.js';
import { reasonOf } from './peers.js';
import { linesOf } from './results.js';
import { sampleUntil } from './rounds.js';
import { rowsOf } from './rows.js';
import { startMeasures } from './start.js';

const test = suite('bench/history');

/** A run in which every row has the same rate, and the server started in 100 ms. */
function runOf(date: string, names: readonly string[]): Run {
  const rows = rowsOf(names, { languages: ['TypeScript', 'Python', 'Go'], quick: false });
  const load = { requests: 1, seconds: 1, perSecond: 1_000, p50Ms: 1 / 3, p99Ms: 1, errors: 0 };
  const lines = linesOf(
    rows.map((row) => ({ row, samples: [{ ...load, cpuMicrosPerCall: 990 }], wrong: [] })),
  );
  const measures = names.includes('start')
    ? startMeasures([{ what: 'governed', times: [100], wrong: [] }])
    : [];
  const results = { about: { date }, lines, measures, series: [], verdicts: [] };
  return { names, results: { ...results, verdicts: verdictsIn(names, lines, measures) } };
}

const ids = ({ results }: Run): string[] => results.lines.map(({ id }) => id);

test('a run of some parts replaces those, and the others stay as they were measured', () => {
  const first = runOf('monday', ['calls', 'peers', 'start']);
  const runs = withRun([first], runOf('tuesday', ['calls', 'sse']));
  assert.equal(
    runs.map(({ names, results }) => [names.join(), results.about.date]),
    [
      ['calls,sse', 'tuesday'],
      ['peers,start', 'monday'],
    ],
  );
  const [, kept] = runs;
  if (kept === undefined) throw new Error('nothing is kept');
  // The peers are compared with the bare server of their own run.
  assert.ok(ids(kept).includes('go-modern-100') && ids(kept).includes('bare-100'));
  assert.not.ok(ids(kept).includes('governed-modern-100'));
  assert.equal(
    kept.results.verdicts.map(({ what }) => what),
    Array(2).fill('cold start to the first answer, governed'),
  );
  assert.is(withRun(runs, runOf('wednesday', ['calls', 'sse', 'peers', 'start'])).length, 1);
});

test('the page says which tables are of an earlier run, and from when', () => {
  const page = runsMarkdown(withRun([runOf('monday', ['peers'])], runOf('tuesday', ['calls'])));
  const [now = '', earlier = ''] = page.split('**From an earlier run: peers**');
  assert.match(now, /^date tuesday/);
  assert.match(earlier, /^\n\ndate monday/);
  assert.match(earlier, 'SDK for Go, 2026-07-28');
  assert.not.match(now, 'SDK for Go');
});

test('the plot has each row once, and says of one from an earlier run that it is', () => {
  const shown = newestOf(withRun([runOf('monday', ['peers'])], runOf('tuesday', ['calls'])));
  const names = shown?.lines.map(({ what }) => what) ?? [];
  assert.is(names.filter((name) => name.startsWith('bare node:http')).length, 2);
  assert.ok(names.includes('SDK 2, 2026-07-28 (earlier run)'));
});

test('what is kept between runs is read as it was written, to five digits', () => {
  const runs = [runOf('monday', ['calls'])];
  const read = readRuns(runsText(runs));
  assert.is(read[0]?.results.lines[0]?.p50Ms.median, 0.33333);
  assert.equal(read[0]?.results.verdicts, runs[0]?.results.verdicts);
});

test('a row that is only there for comparison with the wanted ones has no goal', () => {
  const { results } = runOf('monday', ['sse']);
  assert.equal(
    results.verdicts.map(({ goal, met }) => [goal, met]),
    Array(2).fill([`≥ ${GOALS.progress.toFixed(2)} of sse-sdk2`, false]),
  );
});

test('a start is judged by its time, and by the SDK in the same run', () => {
  const started = (ms: number, sdk: number) =>
    startMeasures([
      { what: 'governed', times: [ms], wrong: [] },
      { what: 'SDK 2', times: [sdk], wrong: [] },
    ]).flatMap(({ verdicts = [] }) => verdicts.map(({ met }) => met));
  assert.equal(started(120, 121), [true, true]);
  assert.equal(started(121, 100), [false, false]);
  const [alone] = startMeasures([{ what: 'governed', times: [1], wrong: [] }]);
  assert.is(alone?.verdicts?.[1]?.met, undefined);
});

test('answers are compared while the load goes on, and no longer', async () => {
  let asked = 0;
  let endLoad = (): void => {};
  const load = new Promise<void>((resolve) => {
    endLoad = resolve;
  });
  const ask = async (): Promise<string> => {
    asked += 1;
    if (asked === 2) endLoad();
    return `${asked}`;
  };
  const never = new Promise<void>(() => {});
  assert.equal(await sampleUntil(load, ask, () => (asked < 2 ? Promise.resolve() : never)), ['1', '2']);
  assert.is(asked, 2);
  const failing = Promise.reject(new Error('no wrk'));
  assert.equal(await sampleUntil(failing, ask, () => never), []);
  assert.is(await failing.catch(({ message }) => message), 'no wrk');
});

test('a missing language is named, and of the output of pip or go the line with the error', async () => {
  const missing = await promisify(execFile)('barewire-no-such-program').catch((error: unknown) => error);
  assert.is(reasonOf(missing), 'there is no barewire-no-such-program here');
  assert.is(
    reasonOf(Object.assign(new Error('failed'), { stderr: 'a\nERROR: no version\nb\n' })),
    'ERROR: no version',
  );
});

test.run();
