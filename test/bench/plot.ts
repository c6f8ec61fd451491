/** The results as one SVG, written by hand: rates as bars, and growth as lines over a logarithmic axis. */
import { amount } from './report.js';
import type { Line, Results, Series } from './results.js';

const WIDTH = 860;
const LEFT = 330;
const RIGHT = 90;
const BAR = 22;
const PANEL = 250;
const COLOURS = ['#2563a8', '#c2571a', '#3a7d44', '#7a4fa3'];
const BARE = '#8a8f98';
const PEER = '#c2571a';

export function plot({ lines, series, about }: Results): string {
  const parts: string[] = [];
  let y = 30;
  const at100 = lines.filter(
    ({ group, connections, id }) =>
      (group === 'calls' || (group === 'peers' && !id.startsWith('sse-'))) && connections === 100,
  );
  for (const [title, some] of [
    ['Calls a second of a tool that adds two numbers, 100 connections', at100],
    ['The same with five progress notifications', lines.filter(({ id }) => id.startsWith('sse-'))],
  ] as const) {
    if (some.length === 0) continue;
    parts.push(bars(title, some, y));
    y += some.length * BAR + 60;
  }
  for (const over of ['tools', 'tenants'] as const) {
    const some = series.filter((one) => one.over === over);
    if (some.length === 0) continue;
    parts.push(curves(`µs of processor time per call, over the number of ${over}`, some, y));
    y += PANEL + some.length * 18 + 50;
  }
  const said = Object.entries(about)
    .filter(([name]) => name === 'node' || name === 'processor' || name === 'date')
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
  parts.push(label(20, y, said, 'fill="#666"'));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 20}" viewBox="0 0 ${WIDTH} ${y + 20}" font-family="sans-serif" font-size="13" role="img">
<title>Calls a second, and processor time per call</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function bars(title: string, lines: readonly Line[], top: number): string {
  const most = Math.max(...lines.map(({ perSecond }) => perSecond.max), 1);
  const x = (value: number): number => round((value / most) * (WIDTH - LEFT - RIGHT));
  const rows = lines.map(({ what, id, group, perSecond }, at) => {
    const y = top + 14 + at * BAR;
    const colour = id.startsWith('bare') ? BARE : group === 'peers' || id.includes('sdk') ? PEER : COLOURS[0];
    const middle = y + (BAR - 6) / 2;
    return [
      label(LEFT - 8, y + 13, what, 'text-anchor="end"'),
      `<rect x="${LEFT}" y="${y}" width="${x(perSecond.median)}" height="${BAR - 6}" fill="${colour}"/>`,
      `<path d="M${LEFT + x(perSecond.min)} ${middle}H${LEFT + x(perSecond.max)}" stroke="#222"/>`,
      label(LEFT + x(perSecond.max) + 6, y + 13, amount(perSecond.median)),
    ].join('');
  });
  return [heading(top, title), ...rows].join('\n');
}

function curves(title: string, series: readonly Series[], top: number): string {
  const points = series.flatMap((one) => one.points);
  const [low, high] = [Math.min(...points.map(({ at }) => at)), Math.max(...points.map(({ at }) => at))];
  const most = nice(Math.max(...points.map(({ cpuMicros }) => cpuMicros), 1));
  const [left, right, foot] = [70, WIDTH - 40, top + PANEL - 20];
  const width = Math.log(Math.max(high, low + 1) / low);
  const x = (at: number): number => round(left + (Math.log(at / low) / width) * (right - left));
  const y = (value: number): number => round(foot - (value / most) * (PANEL - 50));
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) =>
    [
      `<path d="M${left} ${y(most * part)}H${right}" stroke="#ddd"/>`,
      label(left - 8, y(most * part) + 4, amount(most * part), 'text-anchor="end" fill="#666"'),
    ].join(''),
  );
  const marks = [...new Set(points.map(({ at }) => at))].map((at) =>
    label(x(at), foot + 18, amount(at), 'text-anchor="middle" fill="#666"'),
  );
  const drawn = series.map(({ name, points: own }, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const path = own.map((one, turn) => `${turn === 0 ? 'M' : 'L'}${x(one.at)} ${y(one.cpuMicros)}`).join('');
    const dots = own.map(
      (one) => `<circle cx="${x(one.at)}" cy="${y(one.cpuMicros)}" r="3" fill="${colour}"/>`,
    );
    const key = foot + 40 + at * 18;
    return [
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`,
      `<rect x="${left}" y="${key - 10}" width="12" height="12" fill="${colour}"/>`,
      label(left + 20, key, name),
    ].join('');
  });
  return [heading(top, title), ...grid, ...marks, ...drawn].join('\n');
}

const heading = (y: number, text: string): string => label(20, y, text, 'font-weight="bold" font-size="15"');

export function label(x: number, y: number, text: string, more = ''): string {
  const plain = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${x}" y="${y}" ${more}>${plain}</text>`;
}

/** The next 1, 2 or 5 times a power of ten: a scale that can be read. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 10].find((one) => one * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
