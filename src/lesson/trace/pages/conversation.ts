/**
 * The latest exchanges as a sequence diagram of the client, the servers, and the authorization servers whose tokens were seen.
 * The requests between client and authorization server are not seen here; a new token shows that there were some.
 */
import { type Html, html } from '../../../pages/html.js';
import { visibleText } from '../../../pages/visible.js';
import { isRecord, shorten } from '../../../wire/value.js';
import { aboutOf, type Traced } from '../exchange.js';

const MAX_STEPS = 30;
const MARGIN = 90;
const LANE_DISTANCE = 250;
const TOP = 56;
const ROW = 46;

type Step =
  | { kind: 'exchange'; traced: Traced }
  /** A token that was not seen before. */
  | { kind: 'token'; issuer: string; scope: string };

export function conversation(all: readonly Traced[], chosen: number | undefined): Html {
  const steps = stepsOf(all).slice(-MAX_STEPS);
  // The authorization servers stand on the right.
  const servers = steps.filter(({ kind }) => kind === 'exchange').map(laneOf);
  const issuers = new Set(steps.filter(({ kind }) => kind === 'token').map(laneOf));
  const lanes = ['client', ...new Set([...servers, ...issuers])];
  const height = TOP + steps.length * ROW + 16;
  const width = MARGIN * 2 + (lanes.length - 1) * LANE_DISTANCE;
  const x = (lane: string): number => MARGIN + lanes.indexOf(lane) * LANE_DISTANCE;
  return html`<section aria-labelledby="conversation"><h2 id="conversation">The conversation</h2>
<p class="soft">The latest ${steps.length} steps, oldest on top. A dashed line from the authorization server stands for requests that are not seen here; a new token shows that there were some.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Sequence diagram">
<svg class="sequence" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${spokenText(steps)}">
${lanes.map((lane) => lifeline(lane, issuers.has(lane), x(lane), height))}
${steps.map((step, at) => arrows(step, x('client'), x(laneOf(step)), TOP + at * ROW, chosen))}
</svg></div></section>`;
}

function stepsOf(all: readonly Traced[]): Step[] {
  const seenTokens = new Set<string>();
  return all.flatMap((traced): Step[] => {
    const claims = traced.token?.claims;
    const exchange: Step = { kind: 'exchange', traced };
    if (!isRecord(claims) || typeof claims.iss !== 'string') return [exchange];
    const token = JSON.stringify([claims.iss, claims.jti, claims.iat, claims.sub]);
    if (seenTokens.has(token)) return [exchange];
    seenTokens.add(token);
    const scope = typeof claims.scope === 'string' ? claims.scope : '';
    return [{ kind: 'token', issuer: claims.iss, scope }, exchange];
  });
}

function laneOf(step: Step): string {
  return step.kind === 'token' ? step.issuer : step.traced.server;
}

function lifeline(name: string, isIssuer: boolean, at: number, height: number): Html {
  const lane = isIssuer ? 'authorization server' : name;
  return html`<text class="lane" x="${at}" y="18" text-anchor="middle">${visibleText(lane)}</text>
${isIssuer ? label(shorten(name, 34), at, 34) : undefined}
<line class="life" x1="${at}" y1="40" x2="${at}" y2="${height}"/>`;
}

function arrows(step: Step, from: number, to: number, y: number, chosen: number | undefined): Html {
  const middle = (from + to) / 2;
  if (step.kind === 'token') {
    const text = `a token for ${shorten(step.scope === '' ? 'no scope' : step.scope, 40)}`;
    return html`<g class="token">${arrow(to, from, y + 24)}${label(text, middle, y + 18)}</g>`;
  }
  const { number, answer, state } = step.traced;
  const status = answer?.line.replace(/^HTTP\/\S+ /, '') ?? '…';
  const tone = number === chosen ? 'chosen' : (answer?.status ?? 0) >= 400 ? 'refused' : 'fine';
  const request = shorten(`#${number} ${aboutOf(step.traced)}`, 36);
  return html`<g class="${tone}">${arrow(from, to, y + 14)}${label(request, middle, y + 9)}
<g class="back">${arrow(to, from, y + 34)}${label(state === 'lost' ? 'lost' : status, middle, y + 29)}</g></g>`;
}

function arrow(from: number, to: number, y: number): Html {
  const back = to > from ? -7 : 7;
  return html`<path d="M${from} ${y}H${to}"/><path d="M${to + back} ${y - 4}L${to} ${y}L${to + back} ${y + 4}"/>`;
}

function label(text: string, at: number, y: number): Html {
  return html`<text x="${at}" y="${y}" text-anchor="middle">${visibleText(text)}</text>`;
}

function spokenText(steps: readonly Step[]): string {
  const sentences = steps.map((step) => {
    if (step.kind === 'token') return `a token from ${step.issuer}`;
    const { number, server, answer } = step.traced;
    return `number ${number} to ${server}, ${aboutOf(step.traced)}, answered ${answer?.status ?? 'not yet'}`;
  });
  return visibleText(`Sequence of ${steps.length} steps: ${sentences.join('; ')}`);
}
