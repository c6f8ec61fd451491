/** One exchange: its bytes with their notes, what was decided, and how long each stage took. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import { type Note, pageOf } from '../../annotations/note.js';
import { lineOf } from '../../annotations/source-line.js';
import { curlOf } from '../curl.js';
import { aboutOf, type Traced, totalMs } from '../exchange.js';
import { answerLines, type Line, type Part, requestLines } from '../lines.js';
import { wireOf } from '../wire.js';
import { ms, stepsOf, verdictLines } from '../words.js';
import { wirePath } from './paths.js';

/** Notes as they are met, each once for each thing that has it. */
type Notes = { title: string; note: Note }[];

export function exchangeView(base: string, traced: Traced): Html {
  const { number, server, client, time, state, answer } = traced;
  const notes: Notes = [];
  const request = bytes(requestLines(traced), notes);
  const response = bytes(answerLines(traced), notes);
  const went =
    state === 'open' ? 'It goes on.' : state === 'lost' ? 'The client was gone before its end.' : '';
  return html`<article data-number="${number}" data-state="${state}">
<h2>#${number} ${visible(aboutOf(traced))}</h2>
<p class="soft">To the ${server} server from ${client}, <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time> UTC. ${went}</p>
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
  const wire = wireOf(traced) !== undefined;
  return html`<div class="actions">
<button type="button" data-copy="curl" hidden>Copy as curl</button>
${wire ? html`<a class="button" href="${wirePath(base, traced.number)}" download>Save as .wire</a>` : html`<span class="soft">Too long, or not answered yet, to be saved as a transcript.</span>`}
</div>
<details class="curl"><summary>As a line for curl</summary><pre id="curl">${curlOf(traced)}</pre></details>`;
}

function bytes(lines: readonly Line[], notes: Notes): Html {
  return html`${lines.map((line) => html`${line.map((part) => span(part, notes))}${'\n'}`)}`;
}

function span({ text, note, kind }: Part, notes: Notes): Html {
  const shown = visible(text);
  if (note === undefined)
    return kind === 'aside' ? html`<i class="aside">${shown}</i>` : html`<span>${shown}</span>`;
  notes.push({ title: text.trim(), note });
  const id = `note-${notes.length}`;
  return html`<a class="noted" href="#${id}" data-note="${id}">${shown}</a>`;
}

function meaning({ title, note }: Notes[number], at: number): Html {
  const page = note.clause === undefined ? undefined : pageOf(note.clause);
  const clause =
    note.clause === undefined
      ? undefined
      : html`<br><span class="soft">Asked for by</span> ${page === undefined ? html`<code>${note.clause}</code>` : html`<a href="${page}" rel="noreferrer">${note.clause}</a>`}`;
  const elsewhere =
    note.elsewhere === undefined
      ? undefined
      : html`<br><span class="soft">Asked for by</span> ${note.elsewhere}`;
  const line = note.file === undefined || note.at === undefined ? undefined : lineOf(note.file, note.at);
  const file =
    note.file === undefined
      ? undefined
      : html`<br><span class="soft">Handled in</span> <code>${note.file}${line === undefined ? undefined : `:${line}`}</code>`;
  return html`<div id="note-${at + 1}"><dt><code>${visible(title)}</code></dt><dd>${note.what}${clause}${elsewhere}${file}</dd></div>`;
}

function decision({ verdicts }: Traced): Html {
  if (verdicts.length === 0)
    return html`<p class="soft">Nothing had to be decided: whoever asks may read this.</p>`;
  return html`${verdicts.map(
    (verdict) =>
      html`<ul class="facts ${verdict.allow === false ? 'no' : 'yes'}">${verdictLines(verdict).map((line) => html`<li>${visible(line)}</li>`)}</ul>`,
  )}`;
}

function stages(traced: Traced): Html {
  const total = Math.max(totalMs(traced), 0.001);
  const rows = stepsOf(traced).map(({ name, atMs, tookMs }) => {
    const from = ((atMs - tookMs) / total) * 100;
    const width = Math.max((tookMs / total) * 100, 0.6);
    return html`<tr><th scope="row">${name}</th><td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${Math.min(from, 99.4).toFixed(2)}" y="1" width="${width.toFixed(2)}" height="8"/></svg></td><td class="number">${ms(tookMs)}</td></tr>`;
  });
  return html`<table class="stages"><caption>${ms(totalMs(traced))} since the head was read; each bar begins where the one before it ended.</caption>
<tbody>${rows}</tbody></table>`;
}
