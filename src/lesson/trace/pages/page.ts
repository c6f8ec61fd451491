/** The page of the trace: the list of exchanges, one of them with its notes, and the conversation that they make up. */
import { bar, type Page } from '../../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import { aboutOf, type Traced, totalMs } from '../exchange.js';
import { ms } from '../words.js';
import { conversation } from './conversation.js';
import { exchangeView } from './exchange-view.js';

/**
 * `base` is the address of the page with its secret. `number` is the exchange in the address, and `chosen` that exchange,
 * unless it is no longer stored.
 */
export function tracePage(base: string, all: readonly Traced[], number?: number, chosen?: Traced): Page {
  const title = chosen === undefined ? 'The wire, live' : `#${chosen.number} ${aboutOf(chosen)}`;
  return (links) =>
    htmlDocument(
      visibleText(`${title} - barewire trace`),
      `${base}/style.css`,
      html`<script type="module" src="${base}/script.js"></script>`,
      html`${bar('trace', { ...links, trace: base }, html`<p class="live" id="said" role="status">${all.length === 0 ? 'Nothing yet.' : `${all.length} stored.`}</p>`)}
<div class="split">
<nav aria-label="Exchanges" id="list">
${all.length === 0 ? html`<p class="soft">Send a request to an MCP endpoint, and it appears here.</p>` : list(base, all, number)}
</nav>
<main id="main" tabindex="-1">
<h1 class="heard">The wire, live</h1>
${chosen === undefined ? introduction(number) : exchangeView(base, chosen)}
${all.length === 0 ? undefined : conversation(all, number)}
</main>
</div>`,
    );
}

/** Newest first. */
function list(base: string, all: readonly Traced[], current: number | undefined): Html {
  const rows = all.map((traced) => row(base, traced, traced.number === current));
  return html`<ol reversed>${rows.reverse()}</ol>`;
}

function row(base: string, traced: Traced, current: boolean): Html {
  const { number, time, server, answer, state } = traced;
  const status = state === 'lost' ? 'lost' : String(answer?.status ?? '…');
  const duration = state === 'open' ? 'open' : ms(totalMs(traced));
  return html`<li><a href="${base}/${number}" data-go${current ? html` aria-current="true"` : undefined}>
<span class="what"><b>#${number}</b> ${visible(aboutOf(traced))}</span>
<span class="how"><span class="status ${toneOf(traced)}">${status}</span> ${server} · ${duration} · <time datetime="${time}">${time.slice(11, 19)}</time></span>
</a></li>`;
}

function toneOf({ answer, state }: Traced): string {
  if (state === 'lost') return 'warn';
  if (answer === undefined) return '';
  return answer.status < 400 ? 'good' : 'bad';
}

function introduction(number: number | undefined): Html {
  if (number !== undefined)
    return html`<section class="panel"><h2>#${number} is no longer stored</h2>
<p>Only the latest exchanges are. Choose another one from the list.</p></section>`;
  return html`<section class="panel"><h2>Every byte, and what it is for</h2>
<p>Choose an exchange from the list. A note on each header and each member of a message says what it means, which clause of the specification asks for it, and which source file handles it. Access tokens and secrets are masked before anything is stored.</p></section>`;
}
