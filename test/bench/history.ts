/**
 * The runs whose tables stand on the page, newest first. A run of some parts replaces these parts; the others stay as an earlier
 * run measured them, in tables of their own under its date and commit, for rows of two runs cannot be compared. No I/O here.
 */
import { markdown } from './report.js';
import { type Line, type Results, verdictsOf } from './results.js';
import { rowsOf } from './rows.js';

export type Run = { names: readonly string[]; results: Results };

const LANGUAGES = ['TypeScript', 'Python', 'Go'] as const;

export function withRun(earlier: readonly Run[], run: Run): Run[] {
  const rest = earlier.flatMap(({ names, results }): Run[] => {
    const kept = names.filter((name) => !run.names.includes(name));
    return kept.length === 0 ? [] : [{ names: kept, results: partsOf(results, kept) }];
  });
  return [run, ...rest];
}

/** One run a line. */
export function readRuns(text: string): Run[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Run);
}

export function runsText(runs: readonly Run[]): string {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  return runs.map((run) => `${JSON.stringify(run, short)}\n`).join('');
}

export function runsMarkdown([newest, ...earlier]: readonly Run[]): string {
  if (newest === undefined) return '';
  const old = earlier.map(
    ({ names, results }) => `**From an earlier run: ${names.join(', ')}**\n\n${markdown(results)}`,
  );
  return [markdown(newest.results), ...old].join('\n\n');
}

/** For the plot: the newest row of each kind, and of those from earlier runs that they are. */
export function newestOf(runs: readonly Run[]): Results | undefined {
  const [newest, ...earlier] = runs.map(({ results }) => results);
  if (newest === undefined) return undefined;
  const lines: Line[] = [...newest.lines];
  for (const line of earlier.flatMap((results) => results.lines))
    if (!lines.some(({ id }) => id === line.id)) lines.push({ ...line, what: `${line.what} (earlier run)` });
  const series = [newest, ...earlier].find((results) => results.series.length > 0)?.series ?? [];
  return { ...newest, lines, series };
}

function partsOf({ about, lines, measures, series }: Results, names: readonly string[]): Results {
  const rows = rowsOf(names, { languages: LANGUAGES, quick: false });
  const kept = lines.filter(({ id }) => rows.some((row) => row.id === id));
  const others = measures.filter(({ group }) => names.includes(group));
  return {
    about,
    lines: kept,
    measures: others,
    series: names.includes('growth') ? series : [],
    verdicts: verdictsIn(names, kept, others),
  };
}

/** The goals of some parts; a row that only stands beside them has none here. */
export function verdictsIn(
  names: readonly string[],
  lines: readonly Line[],
  measures: Results['measures'],
): Results['verdicts'] {
  const rows = rowsOf(names, { languages: LANGUAGES, quick: false }).filter(
    ({ group, id }) => names.includes(group) && lines.some((line) => line.id === id),
  );
  return [...verdictsOf(rows, lines), ...measures.flatMap(({ verdicts = [] }) => verdicts)];
}
