/** One exchange: its bytes with their notes, the server's decision, and how long each stage took. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { type Note, pageOf } from '../../annotations/note.js';
import { lineOf } from '../../annotations/source-line.js';
import { aboutOf, type Traced, totalMs } from '../exchange.js';
import { answerLines, type Line, type Part, requestLines } from '../lines.js';
import { curlOf, wireOf } from '../wire.js';
import { ms, stepsOf, verdictLines } from '../words.js';

/** The notes in the order of the parts that they explain. */
type Notes = { title: string; note: Note }[];

const STATES: { [State in Traced['state']]: string } = {
  open: 'It is not over yet.',
  done: '',
  lost: 'The client left before the end.',
};

export function exchangeView(base: string, traced: Traced): Html {
  const { number, server, client, time, state, answer } = traced;
  const notes: Notes = [];
  const request = bytes(requestLines(traced), notes);
  const response = bytes(answerLines(traced), notes);
  return html`<article data-number="${number}" data-state="${state}">
<h2>#${number} ${visible(aboutOf(traced))}</h2>
<p class="soft">To the ${server} server from ${client}, <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time> UTC. ${STATES[state]}</p>
${actions(base, traced)}
<div id="note" class="note panel" hidden><p class="soft">Choose a part of the exchange with the mouse, or with Tab and the arrow keys.</p></div>
<section aria-labelledby="request"><h3 id="request">Request</h3><pre class="bytes">${request}</pre></section>
<section aria-labelledby="response"><h3 id="response">Response</h3>${answer === undefined ? html`<p class="soft">Nothing has come back yet.</p>` : html`<pre class="bytes">${response}</pre>`}</section>
<div class="pair">
<section class="panel" aria-labelledby="decision"><h3 id="decision">What the server decided</h3>${decision(traced)}</section>
<section class="panel" aria-labelledby="stages"><h3 id="stages">How long it took</h3>${stages(traced)}</section>
</div>
<details class="panel" id="meanings"><summary><h3>What each part means</h3></summary><dl>${notes.map(meaning)}</dl></details>
</article>`;
}

function actions(base: string, traced: Traced): Html {
  return html`<div class="actions">
<button type="button" class="btn" data-copy="curl" hidden>Copy as curl</button>
${
  wireOf(traced) === undefined
    ? html`<span class="soft">It is too long to be saved as a transcript, or not answered yet.</span>`
    : html`<a class="btn" href="${base}/${traced.number}.wire" download>Save as .wire</a>`
}
</div>
<details class="curl"><summary>As a curl command</summary><pre id="curl">${curlOf(traced)}</pre></details>`;
}

function bytes(lines: readonly Line[], notes: Notes): Html {
  return html`${lines.map((line) => html`${line.map((part) => annotated(part, notes))}${'\n'}`)}`;
}

function annotated({ text, note, kind }: Part, notes: Notes): Html {
  if (note === undefined) {
    return kind === 'aside'
      ? html`<i class="aside">${visible(text)}</i>`
      : html`<span>${visible(text)}</span>`;
  }
  notes.push({ title: text.trim(), note });
  const id = `note-${notes.length}`;
  return html`<a class="noted" href="#${id}" data-note="${id}">${visible(text)}</a>`;
}

function meaning({ title, note }: Notes[number], at: number): Html {
  const { what, clause, elsewhere, file, at: anchor } = note;
  const page = clause && pageOf(clause);
  const link = page ? html`<a href="${page}" rel="noreferrer">${clause}</a>` : html`<code>${clause}</code>`;
  const line = file && anchor && lineOf(file, anchor);
  const requiredBy = html`<br><span class="soft">Required by</span> `;
  return html`<div id="note-${at + 1}"><dt><code>${visible(title)}</code></dt><dd>${what}${
    clause && html`${requiredBy}${link}`
  }${elsewhere && html`${requiredBy}${elsewhere}`}${
    file && html`<br><span class="soft">Handled in</span> <code>${file}${line && `:${line}`}</code>`
  }</dd></div>`;
}

function decision({ verdicts }: Traced): Html {
  if (verdicts.length === 0) {
    return html`<p class="soft">There was nothing to decide: everybody may read this.</p>`;
  }
  return html`${verdicts.map(
    (verdict) =>
      html`<ul class="facts ${verdict.allow === false ? 'no' : 'yes'}">${verdictLines(verdict).map((line) => html`<li>${visible(line)}</li>`)}</ul>`,
  )}`;
}

function stages(traced: Traced): Html {
  const total = Math.max(totalMs(traced), 0.001);
  const rows = stepsOf(traced).map(({ name, atMs, tookMs }) => {
    const from = Math.min(((atMs - tookMs) / total) * 100, 99.4);
    const width = Math.max((tookMs / total) * 100, 0.6);
    return html`<tr><th scope="row">${name}</th><td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${from.toFixed(2)}" y="1" width="${width.toFixed(2)}" height="8"/></svg></td><td class="number">${ms(tookMs)}</td></tr>`;
  });
  return html`<table class="stages"><caption>${ms(totalMs(traced))} since the head was read; each bar begins where the previous one ended.</caption>
<tbody>${rows}</tbody></table>`;
}
