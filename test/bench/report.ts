/** The results as tables: for a terminal, and as Markdown. */
import { hindered, type Line, type Results, type Spread, type Verdict } from './results.js';

type Table = { title: string; head: readonly string[]; rows: readonly (readonly string[])[] };

export function markdown(results: Results): string {
  const about = Object.entries(results.about).map(([name, value]) => `${name} ${value}`);
  const tables = tablesOf(results).map((table) => `**${table.title}**\n\n${markdownTable(table)}`);
  return [wrapped(`${about.join('; ')}.`), ...tables].join('\n\n');
}

export function markdownTable({ head, rows }: Omit<Table, 'title'>): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const columns = `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`;
  return [line(head), columns, ...rows.map(line)].join('\n');
}

/** Lines as long as those of the page. */
export function wrapped(paragraph: string): string {
  return paragraph.replace(/(.{1,120})(?: |$)/g, '$1\n').trimEnd();
}

export function text(results: Results): string {
  const about = Object.entries(results.about).map(([name, value]) => `${name.padEnd(12)} ${value}`);
  const tables = tablesOf(results).map((table) => `${table.title}\n${textTable(table)}`);
  return [about.join('\n'), ...tables].join('\n\n');
}

export function textTable({ head, rows }: Omit<Table, 'title'>): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function tablesOf({ lines, measures, series, verdicts }: Results): Table[] {
  const tables: Table[] = [
    {
      title: 'Goals',
      head: ['what', 'goal', 'measured', ''],
      rows: verdicts.map((one) => [one.what, one.goal, one.measured, word(one)]),
    },
    {
      title: 'Under load',
      head: [
        'what',
        'connections',
        'calls a second',
        'min..max',
        'ratio',
        'by CPU',
        'p50 ms',
        'p99 ms',
        'µs CPU a call',
        'core',
        '',
      ],
      rows: lines.map(lineRow),
    },
    {
      title: 'Otherwise',
      head: ['what', 'measured'],
      rows: measures.map(({ what, measured, wrong }) => [what, wrong.length > 0 ? 'wrong' : measured]),
    },
    {
      title: 'Growth: µs CPU a call',
      head: ['over', 'at each size'],
      rows: series.map(({ name, points }) => [
        name,
        points.map(({ at, cpuMicros }) => `${amount(at)}: ${cpuMicros.toFixed(0)}`).join(', '),
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function lineRow(line: Line): string[] {
  const { what, connections, perSecond, ratio, cpuRatio, against, p50Ms, p99Ms, cpuMicros, core, wrong } =
    line;
  return [
    what,
    String(connections),
    amount(perSecond.median),
    range(perSecond),
    ratio === undefined || against === undefined ? '' : `${ratio.toFixed(2)} of ${against}`,
    cpuRatio?.toFixed(2) ?? '',
    p50Ms.median.toFixed(2),
    p99Ms.median.toFixed(2),
    cpuMicros.median.toFixed(0),
    `${(core.median * 100).toFixed(0)} %`,
    wrong.length > 0 ? 'wrong' : hindered(line) ? 'disturbed' : '',
  ];
}

function word({ met, disturbed }: Verdict): string {
  if (disturbed === true) return 'disturbed';
  if (met === undefined) return '–';
  return met ? 'met' : 'not met';
}

export function range({ min, max }: Spread): string {
  return `${amount(min)}..${amount(max)}`;
}

export function amount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
