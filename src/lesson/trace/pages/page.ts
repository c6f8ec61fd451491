/** The page of the trace: the list of exchanges, one of them with its notes, and the conversation that they make up. */
import { bar, type Page } from '../../../pages/bar.js';
import { type Html, html, htmlDocument } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import { type Choice, NO_CHOICE, queryOf, select } from '../choice.js';
import { aboutOf, outcomeOf, type TracedExchange, totalMs } from '../exchange.js';
import { ms } from '../words.js';
import { controls, countText, emptyState } from './controls.js';
import { conversation } from './conversation.js';
import { exchangeView } from './exchange-view.js';

/**
 * `base` is the address of the page with its secret. `number` is the exchange in the address, and `exchange` that exchange itself,
 * unless it is no longer stored.
 */
export function tracePage(
  base: string,
  all: readonly TracedExchange[],
  number?: number,
  exchange?: TracedExchange,
  choice: Choice = NO_CHOICE,
): Page {
  const selection = select(all, choice);
  const { shownExchanges } = selection;
  const here = number === undefined ? base : `${base}/${number}`;
  const title = exchange === undefined ? 'The wire, live' : `#${exchange.number} ${aboutOf(exchange)}`;
  return (links) =>
    htmlDocument(
      visibleText(`${title} - barewire trace`),
      `${base}/style.css`,
      html`<script type="module" src="${base}/script.js"></script>`,
      html`${bar('trace', { ...links, trace: base }, html`<p class="live" id="said" role="status">${countText(choice, selection)}</p>`)}
<div class="split">
<div class="side">
<div id="controls">${controls(base, here, all, choice, selection)}</div>
<nav aria-label="Exchanges" id="list">
${shownExchanges.length === 0 ? emptyState(here, choice, selection) : list(base, shownExchanges, number, queryOf(choice))}
</nav>
</div>
<main id="main" tabindex="-1">
<h1 class="heard">The wire, live</h1>
${exchange === undefined ? introduction(number) : exchangeView(base, exchange, choice)}
${shownExchanges.length === 0 ? undefined : conversation(shownExchanges, number)}
</main>
</div>`,
    );
}

/** Newest first. */
function list(
  base: string,
  all: readonly TracedExchange[],
  current: number | undefined,
  query: string,
): Html {
  const rows = all.map((exchange) =>
    row(`${base}/${exchange.number}${query}`, exchange, exchange.number === current),
  );
  return html`<ol reversed>${rows.reverse()}</ol>`;
}

function row(address: string, exchange: TracedExchange, current: boolean): Html {
  const { number, time, server, state, findings = [] } = exchange;
  const { text: status, tone } = outcomeOf(exchange);
  const duration = state === 'open' ? 'open' : ms(totalMs(exchange));
  return html`<li><a href="${address}" data-go${current ? html` aria-current="true"` : undefined}>
<span class="what"><b>#${number}</b> ${visible(aboutOf(exchange))}</span>
<span class="how"><span class="status ${tone}">${status}</span>${findings.length > 0 && html` <span class="status bad">${findings.length} ${findings.length === 1 ? 'violation' : 'violations'}</span>`} ${server} · ${duration} · <time datetime="${time}">${time.slice(11, 19)}</time></span>
</a></li>`;
}

function introduction(number: number | undefined): Html {
  if (number !== undefined)
    return html`<section class="panel"><h2>#${number} is no longer stored</h2>
<p>Only the latest exchanges are. Choose another one from the list.</p></section>`;
  return html`<section class="panel"><h2>Every byte, and what it is for</h2>
<p>Choose an exchange from the list. A note on each header and each member of a message says what it means, which clause of the specification asks for it, and which source file handles it. Access tokens and secrets are masked before anything is stored.</p></section>`;
}
