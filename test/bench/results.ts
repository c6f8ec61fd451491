/** What came out, as numbers: medians of rounds with their spread, ratios, and whether goals are met. No I/O here. */
import type { Loaded, Sample } from './rounds.js';
import type { Goal, Row } from './rows.js';

export type Spread = { median: number; min: number; max: number };

/** One row of the table of loads. */
export type Line = {
  id: string;
  group: Row['group'];
  what: string;
  connections: number;
  perSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
  cpuMicros: Spread;
  /** Which part of a core its server had. */
  core: Spread;
  /** Its rate, and its processor time a call, in those of the row it is compared with. */
  against?: string;
  ratio?: number;
  cpuRatio?: number;
  wrong: readonly string[];
};
export type Verdict = {
  what: string;
  goal: string;
  measured: string;
  /** Undefined where it was not measured to the end; `measured` says why. */
  met?: boolean;
  /** Something else used the cores. */
  disturbed?: true;
};
/** What is measured otherwise than by load: start, memory, streams, stdio. */
export type Measure = {
  group: string;
  what: string;
  measured: string;
  /** With its unit, as it stands in the JSON. */
  values: { [name: string]: number };
  verdicts?: readonly Verdict[];
  wrong: readonly string[];
};
export type Series = {
  name: string;
  over: 'tools' | 'tenants';
  points: readonly { at: number; cpuMicros: number; perSecond: number }[];
  wrong: readonly string[];
};
export type Results = {
  about: { [name: string]: string };
  lines: readonly Line[];
  measures: readonly Measure[];
  series: readonly Series[];
  verdicts: readonly Verdict[];
};

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, two) => one - two);
  const [low = 0, high = low] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return { median: (low + high) / 2, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** The value that this part of all is not above. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

export function linesOf(loaded: readonly Loaded[]): Line[] {
  const lines = loaded.map(({ row, samples, wrong }): Line => {
    const of = (pick: (sample: Sample) => number): Spread => spread(samples.map(pick));
    const { id, group, what, connections } = row;
    return {
      ...{ id, group, what, connections, wrong },
      perSecond: of(({ perSecond }) => perSecond),
      p50Ms: of(({ p50Ms }) => p50Ms),
      p99Ms: of(({ p99Ms }) => p99Ms),
      cpuMicros: of(({ cpuMicrosPerCall }) => cpuMicrosPerCall),
      core: of(({ cpuMicrosPerCall, perSecond }) => (cpuMicrosPerCall * perSecond) / 1e6),
    };
  });
  return lines.map((line, at) => {
    const row = loaded[at]?.row;
    const against = row?.goals?.[0]?.against ?? row?.against;
    const other = lines.find(({ id }) => id === against);
    if (against === undefined || other === undefined) return line;
    const ratio = line.perSecond.median / other.perSecond.median;
    return { ...line, against, ratio, cpuRatio: other.cpuMicros.median / line.cpuMicros.median };
  });
}

export function verdictsOf(rows: readonly Row[], lines: readonly Line[]): Verdict[] {
  return rows.flatMap((row) => (row.goals ?? []).map((goal) => verdictOf(row, goal, lines)));
}

function verdictOf(row: Row, { of, against, factor }: Goal, lines: readonly Line[]): Verdict {
  const [line, other] = [row.id, against].map((id) => lines.find((one) => one.id === id));
  const what = `${row.what}, ${row.connections} connections${of === 'p99' ? ': p99' : ''}`;
  const goal =
    of === 'rate' ? `≥ ${factor.toFixed(2)} of ${against}` : `≤ ${factor.toFixed(2)} times ${against}`;
  if (line === undefined || other === undefined)
    return { what, goal, measured: `${line === undefined ? row.id : against} was not run` };
  const key = of === 'rate' ? 'perSecond' : 'p99Ms';
  const ratio = line[key].median / other[key].median;
  const byCpu = (other.cpuMicros.median / line.cpuMicros.median).toFixed(2);
  const measured = of === 'rate' ? `${ratio.toFixed(2)} (by CPU ${byCpu})` : ratio.toFixed(2);
  // Rates of servers that had not the time to answer say nothing, also when they would please.
  if (hindered(line) || hindered(other)) return { what, goal, measured, disturbed: true };
  return { what, goal, measured, met: of === 'rate' ? ratio >= factor : ratio <= factor };
}

/** What a server that is kept busy has of its core, on a machine that does nothing else. */
const CALM = 0.85;

/** Said of a run whose servers did not get their core: its rates say how busy the machine was. */
export function disturbance(lines: readonly Line[]): { disturbed?: string } {
  const count = lines.filter(hindered).length;
  if (count === 0) return {};
  return {
    disturbed: `servers had less than ${CALM * 100} % of their core in ${count} of ${lines.length} rows: compare by CPU`,
  };
}

/** What waits for a disk is not kept busy. */
export function hindered({ id, core }: Line): boolean {
  return id !== 'durable' && core.median < CALM;
}

/** Everything that was answered otherwise than it should, each with where. */
export function wrongs({ lines, measures, series }: Results): string[] {
  return [
    ...lines.flatMap(({ id, wrong }) => wrong.map((one) => `${id}: ${one}`)),
    ...measures.flatMap(({ what, wrong }) => wrong.map((one) => `${what}: ${one}`)),
    ...series.flatMap(({ name, wrong }) => wrong.map((one) => `${name}: ${one}`)),
  ];
}
