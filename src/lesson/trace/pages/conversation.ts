/**
 * The last exchanges as a sequence: client, servers, and the authorization server as far as its tokens tell of it. What goes
 * on between client and authorization server is not seen here; that a token was issued in between is.
 */
import { type Html, html } from '../../../pages/html.js';
import { visibleText } from '../../../pages/visible.js';
import { isRecord, shorten } from '../../../wire/value.js';
import { aboutOf, type Traced } from '../exchange.js';

const MOST = 30;
const LEFT = 90;
const APART = 250;
const TOP = 56;
const ROW = 46;

type Step =
  | { kind: 'exchange'; traced: Traced }
  /** A token that was not seen before. */
  | { kind: 'token'; issuer: string; scope: string };

export function conversation(all: readonly Traced[], chosen: number | undefined): Html {
  const steps = stepsOf(all).slice(-MOST);
  // Whose tokens are seen stand on the right.
  const servers = steps.filter(({ kind }) => kind === 'exchange').map(laneOf);
  const issuers = new Set(steps.filter(({ kind }) => kind === 'token').map(laneOf));
  const lanes = ['client', ...new Set([...servers, ...issuers])];
  const height = TOP + steps.length * ROW + 16;
  const width = LEFT * 2 + (lanes.length - 1) * APART;
  const x = (lane: string): number => LEFT + lanes.indexOf(lane) * APART;
  return html`<section aria-labelledby="conversation"><h2 id="conversation">The conversation</h2>
<p class="soft">The last ${steps.length} steps, the oldest on top. Dashed to the authorization server: not seen here, but told by a token.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Sequence diagram">
<svg class="sequence" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${spoken(steps)}">
${lanes.map((lane) => lifeline(lane, issuers.has(lane), x(lane), height))}
${steps.map((step, at) => arrows(step, x('client'), x(laneOf(step)), TOP + at * ROW, chosen))}
</svg></div></section>`;
}

function stepsOf(all: readonly Traced[]): Step[] {
  const seen = new Set<string>();
  return all.flatMap((traced): Step[] => {
    const claims = traced.token?.claims;
    const exchange: Step = { kind: 'exchange', traced };
    if (!isRecord(claims) || typeof claims.iss !== 'string') return [exchange];
    const which = JSON.stringify([claims.iss, claims.jti, claims.iat, claims.sub]);
    if (seen.has(which)) return [exchange];
    seen.add(which);
    const scope = typeof claims.scope === 'string' ? claims.scope : '';
    return [{ kind: 'token', issuer: claims.iss, scope }, exchange];
  });
}

function laneOf(step: Step): string {
  return step.kind === 'token' ? step.issuer : step.traced.server;
}

function lifeline(name: string, issues: boolean, at: number, height: number): Html {
  const [first, second] = issues ? ['authorization server', shorten(name, 34)] : [name, ''];
  return html`<text class="lane" x="${at}" y="18" text-anchor="middle">${visibleText(first ?? '')}</text>
<text x="${at}" y="34" text-anchor="middle">${visibleText(second ?? '')}</text>
<line class="life" x1="${at}" y1="40" x2="${at}" y2="${height}"/>`;
}

function arrows(step: Step, from: number, to: number, y: number, chosen: number | undefined): Html {
  const middle = (from + to) / 2;
  if (step.kind === 'token') {
    const label = `a token for ${shorten(step.scope === '' ? 'no scope' : step.scope, 40)}`;
    return html`<g class="token">${arrow(to, from, y + 24)}${words(label, middle, y + 18)}</g>`;
  }
  const { traced } = step;
  const { number, answer, state } = traced;
  const back =
    state === 'lost' ? 'lost' : answer === undefined ? '…' : answer.line.replace(/^HTTP\/\S+ /, '');
  const tone = number === chosen ? 'chosen' : (answer?.status ?? 0) >= 400 ? 'refused' : 'fine';
  return html`<g class="${tone}">${arrow(from, to, y + 14)}${words(shorten(`#${number} ${aboutOf(traced)}`, 36), middle, y + 9)}
<g class="back">${arrow(to, from, y + 34)}${words(back, middle, y + 29)}</g></g>`;
}

function arrow(from: number, to: number, y: number): Html {
  const way = to > from ? -7 : 7;
  return html`<path d="M${from} ${y}H${to}"/><path class="head" d="M${to + way} ${y - 4}L${to} ${y}L${to + way} ${y + 4}"/>`;
}

function words(text: string, at: number, y: number): Html {
  return html`<text x="${at}" y="${y}" text-anchor="middle">${visibleText(text)}</text>`;
}

function spoken(steps: readonly Step[]): string {
  const said = steps.map((step) =>
    step.kind === 'token'
      ? `a token from ${step.issuer}`
      : `number ${step.traced.number} to ${step.traced.server}, ${aboutOf(step.traced)}, answered ${step.traced.answer?.status ?? 'not yet'}`,
  );
  return visibleText(`Sequence of ${steps.length} steps: ${said.join('; ')}`);
}
