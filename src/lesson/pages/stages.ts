/** How long each stage of an exchange took: a track that the stages share, and their names. */
import { type Html, html } from '../../pages/html.js';
import { type TracedExchange, totalMs } from '../trace/exchange.js';
import { ms, stepsOf } from '../trace/words.js';

/** The colours of the style sheet. */
const COLOURS = ['stage-0', 'stage-1', 'stage-2', 'stage-3', 'stage-4', 'stage-5'] as const;

export function stagesView(exchange: Pick<TracedExchange, 'stages'>): Html {
  const total = Math.max(totalMs(exchange), 0.001);
  // The first stage is where the clock starts.
  const steps = stepsOf(exchange).slice(1);
  const name = (at: number): string => COLOURS[at % COLOURS.length] ?? '';
  let from = 0;
  const track = steps.map(({ tookMs }, at) => {
    const width = (tookMs / total) * 100;
    from += width;
    return html`<rect class="${name(at)}" x="${(from - width).toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10"/>`;
  });
  return html`<div class="stages"><p>From the request's head to the end of the answer: ${ms(totalMs(exchange))}</p>
<svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${track}</svg>
<ul>${steps.map((step, at) => html`<li><span class="dot ${name(at)}"></span>${step.name} ${ms(step.tookMs)}</li>`)}</ul></div>`;
}
