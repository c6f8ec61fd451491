/** A profile as Markdown for the page, as text for a terminal, and as an SVG whose heights are shares: stage, file, function. */
import { label } from './plot.js';
import type { Profile } from './profile.js';
import { amount, markdownTable, textTable, wrapped } from './report.js';
import { type Spent, STAGES } from './stages.js';

const WIDTH = 860;
const HEIGHT = 1000;
const TOP = 60;
/** Where stage, file and function begin, and where the last ends. */
const COLUMNS = [20, 250, 520, WIDTH - 20] as const;
/** Below this height a line of text does not fit. */
const LINE = 11;
const COLOURS = ['#cfd8e3', '#f3d9b1', '#cfe6cf', '#e3d3ec', '#f2cfcf', '#d3ecea', '#ece8c4'];

type Part = { name: string; micros: number; spent: readonly Spent[] };

export function profileMarkdown(profile: Profile, about: { [name: string]: string }, image: string): string {
  const said = Object.entries(about).map(([name, value]) => `${name} ${value}`);
  return [
    `![A governed call by stage, file and function](${image})`,
    wrapped(`${said.join('; ')}.`),
    wrapped(sentence(profile)),
    markdownTable(table(profile)),
  ].join('\n\n');
}

export function profileText(profile: Profile): string {
  return `${sentence(profile)}\n\n${textTable(table(profile))}`;
}

function sentence({ cpuMicros, perSecond }: Profile): string {
  const { plain, profiled } = perSecond;
  return (
    `A call costs ${cpuMicros.toFixed(0)} µs of processor time (${amount(plain)} calls a second over 100 connections; ` +
    `${amount(profiled)} under the profiler, which divides that time as below).`
  );
}

function table(profile: Profile) {
  const parts = stagesIn(profile.spent);
  const whole = total(profile.spent);
  const rows = parts.map(({ name, micros, spent }) => {
    const most = groups(spent, ({ file }) => file).slice(0, 3);
    return [
      name,
      `${((micros / whole) * 100).toFixed(1)} %`,
      ((micros / whole) * profile.cpuMicros).toFixed(1),
      most.map((one) => `${one.name} ${((one.micros / whole) * 100).toFixed(1)}`).join(', '),
    ];
  });
  return { head: ['stage', 'share', 'µs a call', 'its largest files, in % of the call'], rows };
}

export function profilePlot(profile: Profile, about: { [name: string]: string }): string {
  const whole = total(profile.spent);
  const scale = (HEIGHT - TOP - 30) / whole;
  const share = (micros: number): string => `${((micros / whole) * 100).toFixed(1)} %`;
  const box = (column: 0 | 1 | 2, y: number, { name, micros }: Part, colour: string): string => {
    const [x, end] = [COLUMNS[column], COLUMNS[column + 1] ?? WIDTH];
    const height = micros * scale;
    const rect = `<rect x="${x}" y="${y.toFixed(1)}" width="${end - x - 2}" height="${Math.max(0.5, height - 0.5).toFixed(1)}" fill="${colour}"/>`;
    if (height < LINE) return rect;
    const text = `${shortened(name, (end - x - 60) / 6)} ${share(micros)}`;
    return rect + label(x + 6, Math.round(y + Math.min(height, 24) / 2 + 4), text);
  };
  const shapes: string[] = [];
  let y = TOP;
  stagesIn(profile.spent).forEach((stage, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? '#ddd';
    shapes.push(box(0, y, stage, colour));
    let top = y;
    for (const file of shown(
      groups(stage.spent, (one) => one.file),
      scale,
    )) {
      shapes.push(box(1, top, file, colour));
      let from = top;
      for (const one of shown(
        groups(file.spent, ({ name }) => name),
        scale,
      )) {
        shapes.push(box(2, from, one, colour));
        from += one.micros * scale;
      }
      top += file.micros * scale;
    }
    y += stage.micros * scale;
  });
  const caption = ['node', 'processor', 'date'].map((name) => `${name} ${about[name] ?? ''}`).join(' · ');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" role="img">
<title>Where the processor time of a governed call goes</title>
<rect width="100%" height="100%" fill="#fff"/>
${label(20, 24, `Where ${profile.cpuMicros.toFixed(0)} µs of processor time go: one governed call`, 'font-weight="bold" font-size="15"')}
${['stage', 'file', 'function, its own time'].map((name, at) => label(COLUMNS[at] ?? 0, 50, name, 'fill="#666"')).join('')}
${shapes.join('\n')}
${label(20, HEIGHT - 10, caption, 'fill="#666"')}
</svg>
`;
}

function stagesIn(spent: readonly Spent[]): Part[] {
  const all = groups(spent, ({ stage }) => stage);
  return STAGES.flatMap((stage) => all.filter(({ name }) => name === stage));
}

/** Most first. */
function groups(spent: readonly Spent[], nameOf: (one: Spent) => string): Part[] {
  const found = new Map<string, Spent[]>();
  for (const one of spent) {
    const name = nameOf(one);
    const own = found.get(name);
    if (own === undefined) found.set(name, [one]);
    else own.push(one);
  }
  return [...found]
    .map(([name, own]) => ({ name, spent: own, micros: total(own) }))
    .sort((one, other) => other.micros - one.micros);
}

/** What is too low for a line of text is drawn as one. */
function shown(parts: readonly Part[], scale: number): Part[] {
  const tall = parts.filter(({ micros }) => micros * scale >= LINE);
  const low = parts.filter((part) => !tall.includes(part));
  const spent = low.flatMap((part) => part.spent);
  const [only] = low;
  if (only === undefined) return tall;
  if (low.length === 1) return [...tall, only];
  return [...tall, { name: `${low.length} others`, micros: total(spent), spent }];
}

const total = (spent: readonly Spent[]): number => spent.reduce((sum, { micros }) => sum + micros, 0);

const shortened = (name: string, most: number): string =>
  name.length <= most ? name : `${name.slice(0, Math.floor(most) - 1)}…`;
