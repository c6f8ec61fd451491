/** The plot: answers of each second, stacked by replica, broken calls in red, and what happened when. SVG written by hand. */
import type { Phase, Second } from './tally.js';

const COLOURS = ['#3b6ea5', '#7fa650', '#c9872f', '#7d5ba6', '#4f9d9d', '#a65b7d'];
const [WIDTH, HEIGHT] = [960, 420];
const PLOT = { left: 64, right: 16, top: 92, bottom: 44 };

export type Plot = {
  title: string;
  seconds: readonly Second[];
  phases: readonly Phase[];
  events: readonly { atMs: number; what: string }[];
  replicas: readonly string[];
};

export function plotOf({ title, seconds, phases, events, replicas }: Plot): string {
  const totals = seconds.map(({ answered }) =>
    Object.values(answered).reduce((sum, count) => sum + count, 0),
  );
  const most = ceiling(Math.max(1, ...totals, ...seconds.map(({ broken, refused }) => broken + refused)));
  const x = (second: number): number =>
    round(PLOT.left + (second / Math.max(1, seconds.length)) * (WIDTH - PLOT.left - PLOT.right));
  const y = (calls: number): number =>
    round(HEIGHT - PLOT.bottom - (calls / most) * (HEIGHT - PLOT.top - PLOT.bottom));
  const bars = seconds.flatMap((second, at) => {
    let under = 0;
    const stacked = replicas.flatMap((name, index) => {
      const count = second.answered[name] ?? 0;
      if (count === 0) return [];
      under += count;
      return [bar(at, under, count, COLOURS[index % COLOURS.length] ?? '#666')];
    });
    const bad = second.broken + second.refused;
    return bad === 0 ? stacked : [...stacked, bar(at, bad, bad, '#c62828')];
  });
  function bar(at: number, top: number, count: number, colour: string): string {
    const height = round(y(0) - y(count));
    return `<rect x="${x(at)}" y="${y(top)}" width="${round(x(at + 1) - x(at) - 1)}" height="${height}" fill="${colour}"/>`;
  }
  const lines = [0, 1, 2, 3, 4].map((part) => {
    const calls = (most * part) / 4;
    return `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(calls)}" y2="${y(calls)}" stroke="#ddd"/>${text(PLOT.left - 8, y(calls) + 4, String(calls), 'end')}`;
  });
  const parts = phases.map(({ name, fromMs, toMs }) => {
    const from = x(fromMs / 1_000);
    const middle = (from + x(toMs / 1_000)) / 2;
    return `<line x1="${from}" x2="${from}" y1="${PLOT.top - 10}" y2="${y(0)}" stroke="#888" stroke-dasharray="3 3"/>${text(middle, PLOT.top - 14, name, 'middle')}`;
  });
  const marks = events.map(({ atMs, what }, index) => {
    const at = x(atMs / 1_000);
    // One below the other, for several come within a second.
    const line = PLOT.top + 10 + (index % 4) * 14;
    return `<line x1="${at}" x2="${at}" y1="${line - 10}" y2="${y(0)}" stroke="#000" stroke-width="0.7"/>${text(at + 3, line, what, 'start', ' paint-order="stroke" stroke="#fff" stroke-width="3"')}`;
  });
  const ticks = seconds.flatMap((_, at) =>
    at % 5 === 0 ? [text(x(at), y(0) + 18, String(at), 'middle')] : [],
  );
  const legend = [
    ...replicas.map((name, index) => [name, COLOURS[index % COLOURS.length]]),
    ['broken or refused', '#c62828'],
  ].map(
    ([name = '', colour], index) =>
      `<rect x="${PLOT.left + index * 70}" y="44" width="12" height="12" fill="${colour}"/>${text(PLOT.left + index * 70 + 17, 54, name, 'start')}`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(PLOT.left, 28, title, 'start', ' font-size="15"'),
    ...lines,
    ...bars,
    ...parts,
    ...marks,
    ...ticks,
    text((WIDTH + PLOT.left) / 2, HEIGHT - 8, 'seconds', 'middle'),
    ...legend,
    text(PLOT.left - 8, PLOT.top - 14, 'calls/s', 'end'),
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', more = ''): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${more}>${safe}</text>`;
}

/** The next number that a scale of four steps can end with. */
export function ceiling(most: number): number {
  const unit = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 6, 8, 10].find((times) => times * unit >= most) ?? 10) * unit;
}

const round = (value: number): number => Math.round(value * 10) / 10;
