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

/** Between two neighbours who say little to each other. */
const MIN_DISTANCE = 200;
/** Characters of a text; a longer one is cut short. */
const MAX_TEXT = 46;
const MARGIN = 105;
const TOP = 64;
const ROW = 40;
/** An answer stands closer to its request than the next request. */
const ANSWER_ROW = 32;
/** Roughly, of a text in the font of the diagrams. */
const CHARACTER = 6.6;

/** `title` says in one sentence what the picture shows. */
export function sequenceView({ lanes, rows }: Sequence, title: string): Html {
  const places = placesOf(lanes, rows);
  const width = MARGIN + Math.max(MARGIN, ...places);
  const x = (id: string): number => places[lanes.findIndex((lane) => lane.id === id)] ?? MARGIN;
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

/** Where each lane stands: as far from the others as the texts between them need. */
function placesOf(lanes: readonly Lane[], rows: readonly Row[]): number[] {
  const at = (id: string): number => lanes.findIndex((lane) => lane.id === id);
  const distances = lanes.slice(1).map(() => MIN_DISTANCE);
  for (const row of rows) {
    if (row.kind === 'note') continue;
    const [left, right] = [Math.min(at(row.from), at(row.to)), Math.max(at(row.from), at(row.to))];
    const room = distances.slice(left, right).reduce((sum, one) => sum + one, 0);
    const missing = Math.min(row.text.length, MAX_TEXT) * CHARACTER + 24 - room;
    for (let gap = left; gap < right; gap += 1)
      distances[gap] = (distances[gap] ?? 0) + Math.max(missing, 0) / (right - left);
  }
  let place = MARGIN;
  return [place, ...distances.map((distance) => (place += distance))].map(Math.round);
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
  return html`<g class="${name}"><path d="M${from} ${y}H${to}"/><path class="tip" d="M${to + back} ${y - 5}L${to} ${y}L${to + back} ${y + 5}"/>
<text x="${(from + to) / 2}" y="${y - 7}">${visible(shorten(text, MAX_TEXT))}</text></g>`;
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
