/** The page of the trace: the exchanges on the left, one of them on the right, and the conversation that they make. */
import { type Html, html } from '../../../pages/html.js';
import { visible, visibleText } from '../../../pages/visible.js';
import { aboutOf, type Traced, totalMs } from '../exchange.js';
import { ms } from '../words.js';
import { conversation } from './conversation.js';
import { exchangeView } from './exchange-view.js';
import { exchangePath, SCRIPT, STYLE } from './paths.js';

/** `chosen` is the number in the address, and `one` its exchange unless that is not kept any more. */
export function tracePage(base: string, all: readonly Traced[], chosen?: number, one?: Traced): string {
  const title = one === undefined ? 'The wire, live' : `#${one.number} ${aboutOf(one)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${visibleText(title)} - barewire trace</title>
<link rel="stylesheet" href="${base}/${STYLE}">
<script type="module" src="${base}/${SCRIPT}"></script>
</head>
<body>
<a class="skip" href="#main">To the exchange</a>
<header class="top">
<h1><a href="${base}">The wire, live</a></h1>
<p class="soft" id="said" role="status">${all.length === 0 ? 'Nothing yet.' : `${all.length} kept.`}</p>
</header>
<div class="split">
<nav aria-label="Exchanges" id="list">
${all.length === 0 ? html`<p class="soft">Send a request to an MCP endpoint, and it appears here.</p>` : list(base, all, chosen)}
</nav>
<main id="main" tabindex="-1">
${one === undefined ? nothing(chosen) : exchangeView(base, one)}
${all.length === 0 ? undefined : conversation(all, chosen)}
</main>
</div>
</body>
</html>
`.text;
}

/** The newest on top. */
function list(base: string, all: readonly Traced[], chosen: number | undefined): Html {
  return html`<ol reversed>${[...all].reverse().map((traced) => row(base, traced, traced.number === chosen))}</ol>`;
}

function row(base: string, traced: Traced, current: boolean): Html {
  const { number, time, server, answer, state } = traced;
  const status = state === 'lost' ? 'lost' : String(answer?.status ?? '…');
  const took = state === 'open' ? 'open' : ms(totalMs(traced));
  return html`<li><a href="${exchangePath(base, number)}" data-go${current ? html` aria-current="true"` : undefined}>
<span class="what"><b>#${number}</b> ${visible(aboutOf(traced))}</span>
<span class="how"><span class="badge ${toneOf(traced)}">${status}</span> ${server} · ${took} · <time datetime="${time}">${time.slice(11, 19)}</time></span>
</a></li>`;
}

function toneOf({ answer, state }: Traced): string {
  if (state === 'lost') return 'warn';
  if (answer === undefined) return '';
  return answer.status < 400 ? 'good' : 'bad';
}

function nothing(chosen: number | undefined): Html {
  if (chosen !== undefined)
    return html`<section class="panel"><h2>#${chosen} is not kept any more</h2>
<p>Only the last exchanges are. Choose another one from the list.</p></section>`;
  return html`<section class="panel"><h2>Every byte, and what it is for</h2>
<p>Choose an exchange from the list. Each header and each member of a message tells what it is, which clause of the specification asks for it, and which source file handles it. Access tokens and secrets are masked before anything is kept.</p></section>`;
}
