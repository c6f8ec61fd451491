/** One exchange: its bytes with their notes, the server's decision, and how long each stage took. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { clauseOf } from '../../annotations/clauses.js';
import { bytesView, Notes } from '../../pages/annotated.js';
import { type Choice, queryOf, VIEWS, type View } from '../choice.js';
import { curlOf } from '../curl.js';
import { aboutOf, type Finding, type TracedExchange, totalMs } from '../exchange.js';
import { answerLines, requestLines } from '../lines.js';
import { wireOf } from '../wire.js';
import { findingLines, ms, stepsOf, verdictLines } from '../words.js';
import { hexView, rawView } from './raw-view.js';

const STATES: { [State in TracedExchange['state']]: string } = {
  open: 'It is not over yet.',
  done: '',
  lost: 'The connection was lost before the end.',
};

const VIEW_NAMES: { [Name in View]: string } = { notes: 'Explained', raw: 'Raw', hex: 'Hex' };

export function exchangeView(base: string, exchange: TracedExchange, choice: Choice): Html {
  const { number, time, state } = exchange;
  const { view } = choice;
  return html`<article data-number="${number}" data-state="${state}" data-view="${view}">
<h2>#${number} ${visible(aboutOf(exchange))}</h2>
<p class="soft">${wayOf(exchange)}, <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time> UTC. ${STATES[state]}</p>
${actions(base, exchange)}
${tabs(`${base}/${number}`, choice)}
${view === 'notes' ? notesView(exchange) : view === 'raw' ? rawView(exchange) : hexView(exchange)}
<div class="pair">
${exchange.findings === undefined ? html`<section class="panel" aria-labelledby="decision"><h3 id="decision">What the server decided</h3>${decision(exchange)}</section>` : violations(exchange.findings)}
<section class="panel" aria-labelledby="stages"><h3 id="stages">How long it took</h3>${stages(exchange)}</section>
</div>
</article>`;
}

function wayOf({ server, client, stdio }: TracedExchange): string {
  if (stdio === undefined) return `To the ${server} server from ${client}`;
  return stdio === 'client' ? `To ${server} on stdio` : `From ${server} on stdio`;
}

function violations(findings: readonly Finding[]): Html {
  return html`<section class="panel" aria-labelledby="violations"><h3 id="violations">Violations of the specification</h3>
${findings.length === 0 && html`<p class="soft">None was found.</p>`}
${findings.map((finding) => {
  const [first = '', ...lines] = findingLines(finding);
  const { url } = clauseOf(finding.clause) ?? {};
  return html`<ul class="facts bad"><li><b>${visible(first)}</b></li>${lines.map((line) => html`<li>${line === url ? html`<a href="${line}" rel="noreferrer">${line}</a>` : visible(line)}</li>`)}</ul>`;
})}
</section>`;
}

function tabs(here: string, choice: Choice): Html {
  const links = VIEWS.map((view) => {
    const current = view === choice.view && html` aria-current="true"`;
    return html`<a data-go data-key="view-${view}" href="${here}${queryOf({ ...choice, view })}"${current}>${VIEW_NAMES[view]}</a>`;
  });
  return html`<nav class="tabs" aria-label="Views of this exchange">${links}</nav>`;
}

function notesView(exchange: TracedExchange): Html {
  const notes = new Notes('note');
  const request = bytesView(requestLines(exchange), notes);
  const response = bytesView(answerLines(exchange), notes);
  return html`<div id="note" class="note panel" hidden><p class="soft">Choose a part of the exchange with the mouse, or with Tab and the arrow keys.</p></div>
<section class="sent" aria-labelledby="request"><h3 id="request">Request</h3>${request}</section>
<section class="came" aria-labelledby="response"><h3 id="response">Response</h3>${exchange.answer === undefined ? html`<p class="soft">Nothing has come back yet.</p>` : response}</section>
<details class="panel" id="meanings"><summary><h3>What each part means</h3></summary>${notes.list}</details>`;
}

function actions(base: string, exchange: TracedExchange): Html {
  return html`<div class="actions">
${exchange.stdio === undefined && html`<button type="button" class="btn" data-copy="curl" hidden>Copy as curl</button>`}
${
  wireOf(exchange) === undefined
    ? html`<span class="soft">It is too long to be saved as a transcript, or not answered yet.</span>`
    : html`<a class="btn" href="${base}/${exchange.number}.wire" download>Save as .wire</a>`
}
</div>
${exchange.stdio === undefined && html`<details class="curl"><summary>As a curl command</summary><pre id="curl">${curlOf(exchange)}</pre></details>`}`;
}

export function decision({ verdicts }: Pick<TracedExchange, 'verdicts'>): Html {
  if (verdicts.length === 0) {
    return html`<p class="soft">There was nothing to decide: everybody may read this.</p>`;
  }
  return html`${verdicts.map(
    (verdict) =>
      html`<ul class="facts ${verdict.allow === false ? 'bad' : 'good'}">${verdictLines(verdict).map((line) => html`<li>${visible(line)}</li>`)}</ul>`,
  )}`;
}

export function stages(exchange: Pick<TracedExchange, 'stages' | 'stdio'>): Html {
  const total = Math.max(totalMs(exchange), 0.001);
  const rows = stepsOf(exchange).map(({ name, atMs, tookMs }) => {
    const from = Math.min(((atMs - tookMs) / total) * 100, 99.4);
    const width = Math.max((tookMs / total) * 100, 0.6);
    return html`<tr><th scope="row">${name}</th><td><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${from.toFixed(2)}" y="1" width="${width.toFixed(2)}" height="8"/></svg></td><td class="number">${ms(tookMs)}</td></tr>`;
  });
  return html`<table class="stages"><caption>${ms(totalMs(exchange))} since ${exchange.stdio === undefined ? 'the head was read' : 'it was sent'}; each bar begins where the previous one ended.</caption>
<tbody>${rows}</tbody></table>`;
}
