/** One turn of a transcript as HTML: what is sent, what comes back, what each part means, and what can be tried. */
import { type Html, html } from '../../pages/html.js';
import { visible, visibleText } from '../../pages/visible.js';
import { bytesView, Notes, type SourceAt } from '../pages/annotated.js';
import { stagesView } from '../pages/stages.js';
import { curlLine } from '../player/curl.js';
import type { Mistake } from '../player/play.js';
import type { TracedExchange } from '../trace/exchange.js';
import { exchangeFromBytes } from '../trace/from-bytes.js';
import type { Line } from '../trace/lines.js';
import { verdictLines } from '../trace/words.js';
import { differenceList } from './exercise-view.js';
import { withoutWildcards } from './expected-view.js';
import type { PlayedTurn } from './perform.js';
import { rawView } from './raw.js';
import { editor, whatIfView } from './try-view.js';
import { linesOf } from './turn-lines.js';
import { requestText, type Turn } from './turns.js';
import { type WhatIf, whatIfsFor } from './what-if.js';

const NOTHING = html`<p class="aside nothing">No answer at this point.</p>`;

export type TurnPlace = {
  /** `01-one-request/answers-a-ping.wire`. */
  file: string;
  title: string;
  isStdio: boolean;
  /** Whether a reader can send it. */
  isLive: boolean;
  /** Where the trace shows an exchange, by its number. */
  traceOf?: ((number: number) => string) | undefined;
  /** The request as the transcript has it, if the reader has sent another one. */
  request?: string | undefined;
  /** Where the transcript can be saved. */
  saveAt?: string | undefined;
  /** Of the whole page; without them, the turn has a list of its own. */
  notes?: Notes | undefined;
  /** For that list. */
  sourceAt?: SourceAt | undefined;
  /** The mistakes that can be tried although no server runs. */
  whatIfs?: ReadonlySet<string> | undefined;
};

/** `playedTurn` is what really happened; without it the turn shows what the transcript expects. */
export function turnView(place: TurnPlace, turn: Turn, playedTurn?: PlayedTurn): Html {
  const { file, title, isStdio, isLive, traceOf } = place;
  const notes = place.notes ?? new Notes(prefixOf(file, turn), place.sourceAt);
  const { sent, received, status } = linesOf(turn, playedTurn, isStdio);
  const request = place.request ?? requestText(turn);
  const isChanged = request !== requestText(turn);
  const canSend = isLive && turn.send !== undefined;
  const whatIfs = mistakesFor(place, turn, request);
  // A page without a server has many answers, so its raw bytes are in a file of their own.
  const raw = (bytes: Buffer | undefined): Html | undefined =>
    isLive || isChanged ? rawView(bytes) : undefined;
  return html`<section class="exchange" aria-label="${visibleText(title)}" data-file="${file}" data-turn="${turn.index}" data-state="${playedTurn === undefined ? 'expected' : 'came'}">
<header><h3>${visible(title)}</h3>${buttons(place, turn, playedTurn, isChanged)}</header>
<div class="sides">
${turn.send && side('sent', isStdio ? 'The client writes' : 'You send', playedTurn && size(playedTurn.sent), bytesView(sent, notes), raw(playedTurn?.sent))}
${side('came', receivedTitle(turn, playedTurn, isStdio), status && statusBadge(status), received.length === 0 ? NOTHING : bytesView(received, notes), raw(playedTurn?.received))}
</div>
<div class="note" data-explains hidden></div>
${playedTurn && differencesView(playedTurn.mistakes, isChanged)}
${canSend && !isStdio && editor(request)}${whatIfs.length > 0 && whatIfView(whatIfs)}
${playedTurn?.observed && decisionView(playedTurn.observed, traceOf)}
${playedTurn && tokenView(playedTurn, notes)}
${/* The records are those of the transcript. */ isChanged ? undefined : turn.records.map(({ expected }) => recordView(expected.value, notes))}
${place.notes === undefined && html`<div hidden>${notes.list}</div>`}
</section>`;
}

/** One request of a story is enough to break. */
function mistakesFor({ isStdio, isLive, whatIfs }: TurnPlace, turn: Turn, request: string): WhatIf[] {
  if (isStdio || turn.send === undefined || turn.index > 0) return [];
  return whatIfsFor(request).filter(({ id }) => isLive || whatIfs?.has(id));
}

function buttons(
  { isStdio, isLive, saveAt }: TurnPlace,
  turn: Turn,
  playedTurn: PlayedTurn | undefined,
  isChanged: boolean,
): Html {
  const canSend = isLive && turn.send !== undefined;
  const button = (name: string, text: string, more?: Html): Html =>
    html`<button type="button" class="btn" data-${name}${more} hidden>${text}</button>`;
  return html`<span class="buttons">${canSend && !isStdio && button('edit', 'Edit')}${isLive && curlButton(playedTurn)}${
    (isLive || playedTurn !== undefined) && button('raw', 'Raw bytes', html` aria-pressed="false"`)
  }${saveAt && turn.index === 0 && html`<a class="btn" href="${saveAt}" download>Save as .wire</a>`}${
    isChanged && !isLive && button('back', 'Back to the transcript')
  }${canSend && html`<button type="button" class="btn go" data-send hidden>Send</button>`}</span>`;
}

function prefixOf(file: string, { index }: Turn): string {
  return `${file.replace(/^.*\//, '').replace('.wire', '')}-${index}`;
}

function receivedTitle({ send, after }: Turn, playedTurn: PlayedTurn | undefined, isStdio: boolean): string {
  const end = after === 'end' ? ', and ends the stream' : '';
  if (send === undefined && !isStdio) return `More comes on the stream${end}`;
  if (isStdio) return playedTurn === undefined ? 'The server must write' : 'The server writes';
  return `${playedTurn === undefined ? 'The server must answer' : 'The server answers'}${end}`;
}

function side(
  name: 'sent' | 'came',
  title: string,
  more: Html | undefined,
  bytes: Html,
  raw: Html | undefined,
): Html {
  return html`<div class="side ${name}"><h4><span>${title}</span>${more}</h4>${bytes}${raw}</div>`;
}

function size(bytes: Buffer): Html {
  return html`<span class="soft">${bytes.length} bytes</span>`;
}

function statusBadge({ status, line }: { status: number; line?: string }): Html | undefined {
  if (status === 0) return undefined;
  const text = line?.replace(/^HTTP\/\S+ /, '') ?? String(status);
  return html`<span class="status${status < 400 ? '' : ' bad'}" data-status="${status}">${visible(text)}</span>`;
}

function curlButton(playedTurn: PlayedTurn | undefined): Html | undefined {
  if (playedTurn?.url === undefined) return undefined;
  const line = curlLine(playedTurn.sent, playedTurn.url);
  return line.kind === 'curl'
    ? html`<button type="button" class="btn" data-copy="${line.line}" hidden>Copy as curl</button>`
    : html`<span class="soft">curl cannot send this: ${line.why}</span>`;
}

/** After a change by the reader, differences are what they asked for; a problem is not. */
function differencesView(mistakes: readonly Mistake[], isChanged: boolean): Html {
  if (mistakes.length === 0)
    return html`<p class="verdict good" role="status">It came back as the transcript says.</p>`;
  const title = 'It differs from what the transcript expects';
  return isChanged && !mistakes.some((mistake) => 'problem' in mistake)
    ? html`<details class="meanings"><summary>${title}</summary>${differenceList(mistakes)}</details>`
    : html`<div class="verdict bad" role="status"><p>${title}:</p>${differenceList(mistakes)}</div>`;
}

function decisionView(exchange: TracedExchange, traceOf: TurnPlace['traceOf']): Html {
  const facts = exchange.verdicts.flatMap((verdict) => {
    const [outcome = '', ...rest] = verdictLines(verdict);
    return [
      html`<li class="${verdict.allow === false ? 'no' : 'yes'}">${visible(outcome)}</li>`,
      ...rest.map((line) => html`<li>${visible(line)}</li>`),
    ];
  });
  return html`<div class="decision">${facts.length > 0 && html`<h4>What the server decided</h4><ul class="facts">${facts}</ul>`}${stagesView(exchange)}${traceOf && html`<p><a href="${traceOf(exchange.number)}">Open in the trace</a>, and save it as a transcript</p>`}</div>`;
}

/** What the access token says, decoded and masked. */
function tokenView({ sent }: PlayedTurn, notes: Notes): Html | undefined {
  const { token } = exchangeFromBytes(sent, undefined, { number: 0, server: '', time: '' });
  if (token === undefined || !notes.isNew(JSON.stringify(token))) return undefined;
  const text = (part: unknown): Html =>
    html`<pre class="bytes">${visible(JSON.stringify(part, null, 2))}</pre>`;
  return html`<details class="meanings"><summary>What the access token says</summary>${text(token.header)}${text(token.claims)}</details>`;
}

function recordView(record: unknown, notes: Notes): Html {
  const text = JSON.stringify(record, null, 2);
  const lines = withoutWildcards(text.split('\n').map((line): Line => [{ text: line }]));
  return html`<div class="record"><h4>In the audit log</h4>${bytesView(lines, notes)}</div>`;
}
