/**
 * A sequence diagram: who sends what to whom, in time. As an SVG for wide windows, and as a list for narrow ones, for screen
 * readers, and where there is no style sheet.
 */
import { type Html, html } from '../../pages/html.js';
import { visible, visibleText } from '../../pages/visible.js';
import { shorten } from '../../wire/value.js';

export type Lane = { id: string; name: string; sub?: string };
export type Row =
  | { kind: 'arrow'; from: string; to: string; text: string; answer: boolean; tone?: string }
  | { kind: 'note'; over: readonly string[]; text: string };
export type Sequence = { lanes: readonly Lane[]; rows: readonly Row[] };

/** Between two lanes: enough for the longest text between neighbours, within these. */
const [MIN_DISTANCE, MAX_DISTANCE] = [220, 360];
const MARGIN = 105;
const TOP = 64;
const ROW = 40;
/** An answer stands closer to its request than the next request. */
const ANSWER_ROW = 32;
/** Roughly, of a text in the font of the diagrams. */
const CHARACTER = 6.6;

/** `title` says in one sentence what the picture shows. */
export function sequenceView({ lanes, rows }: Sequence, title: string): Html {
  const place = (id: string): number => lanes.findIndex((lane) => lane.id === id);
  const needed = rows.map((row) =>
    row.kind === 'arrow' && row.from !== row.to
      ? (row.text.length * CHARACTER + 24) / Math.abs(place(row.to) - place(row.from))
      : 0,
  );
  const distance = Math.min(Math.max(MIN_DISTANCE, ...needed), MAX_DISTANCE);
  const width = MARGIN * 2 + (lanes.length - 1) * distance;
  const x = (id: string): number => MARGIN + place(id) * distance;
  let y = TOP;
  const drawn = rows.map((row) => {
    y += row.kind === 'arrow' && row.answer ? ANSWER_ROW : ROW;
    return row.kind === 'note' ? noteBox(row, x, y) : arrow(row, x(row.from), x(row.to), y);
  });
  const height = y + 24;
  return html`<figure class="story">
<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${visibleText(title)}">
${lanes.map((lane) => lifeline(lane, x(lane.id), height))}
${drawn}
</svg>
<ol class="steps">${rows.map((row) => step(row, lanes))}</ol>
</figure>`;
}

function lifeline({ name, sub }: Lane, at: number, height: number): Html {
  return html`<path class="life" d="M${at} 48V${height}"/>
<rect class="lane" x="${at - 90}" y="8" width="180" height="40" rx="8"/>
<text x="${at}" y="${sub === undefined ? 33 : 26}">${visible(name)}</text>${sub && html`<text class="sub" x="${at}" y="41">${visible(shorten(sub, 30))}</text>`}`;
}

function arrow({ text, answer, tone }: Row & { kind: 'arrow' }, from: number, to: number, y: number): Html {
  const name = `${answer ? 'came' : 'sent'}${tone === undefined ? '' : ` ${tone}`}`;
  if (from === to)
    return html`<g class="${name}"><path d="M${from} ${y - 10}h26v14h-22"/><path d="M${from + 10} ${y - 1}l-6 5l6 5"/><text class="self" x="${from + 34}" y="${y + 1}">${visible(text)}</text></g>`;
  const back = to > from ? -8 : 8;
  // A text of the trace may be longer than there is room.
  const room = Math.floor((Math.abs(to - from) - 16) / CHARACTER);
  return html`<g class="${name}"><path d="M${from} ${y}H${to}"/><path class="tip" d="M${to + back} ${y - 5}L${to} ${y}L${to + back} ${y + 5}"/>
<text x="${(from + to) / 2}" y="${y - 7}">${visible(shorten(text, Math.max(room, 30)))}</text></g>`;
}

function noteBox({ over, text }: Row & { kind: 'note' }, x: (id: string) => number, y: number): Html {
  const places = over.map(x);
  const [left, right] = [Math.min(...places), Math.max(...places)];
  const width = Math.max(right - left + 120, text.length * CHARACTER + 24);
  const middle = (left + right) / 2;
  return html`<g class="aside"><rect x="${middle - width / 2}" y="${y - 18}" width="${width}" height="26" rx="6"/><text x="${middle}" y="${y}">${visible(text)}</text></g>`;
}

function step(row: Row, lanes: readonly Lane[]): Html {
  if (row.kind === 'note') return html`<li class="aside">${visible(row.text)}</li>`;
  const name = (id: string): string => lanes.find((lane) => lane.id === id)?.name ?? id;
  const text = row.from === row.to ? name(row.from) : `${name(row.from)} → ${name(row.to)}`;
  return html`<li class="${row.answer ? 'came' : 'sent'}"><b>${visible(text)}</b> ${visible(row.text)}</li>`;
}
