/**
 * The latest exchanges as a sequence diagram of the client and the servers. The requests to an authorization server of another
 * process are not seen here; a token of it that is new shows that there were some.
 */
import { type Html, html } from '../../../pages/html.js';
import { visibleText } from '../../../pages/visible.js';
import { isRecord } from '../../../wire/value.js';
import { type Lane, type Row, sequenceView } from '../../pages/sequence.js';
import { AUTHSERVER, aboutOf, outcomeOf, type TracedExchange } from '../exchange.js';
import { headerOf } from '../headers.js';

const MAX_STEPS = 30;

type Step =
  | { kind: 'exchange'; exchange: TracedExchange }
  /** A token that was not seen before. */
  | { kind: 'token'; issuer: string; scope: string };

export function conversation(all: readonly TracedExchange[], chosenNumber: number | undefined): Html {
  const steps = stepsOf(all).slice(-MAX_STEPS);
  const servers = [...new Set(steps.map(laneOf))];
  // Authorization servers stand on the right.
  servers.sort((one, other) => Number(isIssuer(one)) - Number(isIssuer(other)));
  const lanes = [{ id: 'client', name: 'client' }, ...servers.map(laneView)];
  const title = spokenText(steps);
  return html`<section aria-labelledby="conversation"><h2 id="conversation">The conversation</h2>
<p class="soft">The latest ${steps.length} steps, oldest on top.${steps.some(({ kind }) => kind === 'token') && html` The line of a token stands for requests to an authorization server that are not seen here.`}</p>
${sequenceView({ lanes, rows: steps.flatMap((step) => rowsOf(step, chosenNumber)) }, title)}</section>`;
}

function stepsOf(all: readonly TracedExchange[]): Step[] {
  const seenTokens = new Set<string>();
  const seenPorts = new Set(
    all
      .filter(({ server }) => server === AUTHSERVER)
      .map(({ headers }) => portOf(`http://${headerOf(headers, 'host')}`)),
  );
  return all.flatMap((exchange): Step[] => {
    const claims = exchange.token?.claims;
    const step: Step = { kind: 'exchange', exchange };
    if (!isRecord(claims) || typeof claims.iss !== 'string') return [step];
    // Its requests are there themselves.
    if (seenPorts.has(portOf(claims.iss))) return [step];
    const token = JSON.stringify([claims.iss, claims.jti, claims.iat, claims.sub]);
    if (seenTokens.has(token)) return [step];
    seenTokens.add(token);
    const scope = typeof claims.scope === 'string' ? claims.scope : '';
    return [{ kind: 'token', issuer: claims.iss, scope }, step];
  });
}

/** It has one port, and more than one name. */
function portOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).port : issuer;
}

function laneOf(step: Step): string {
  return step.kind === 'token' ? step.issuer : step.exchange.server;
}

function laneView(id: string): Lane {
  if (!isIssuer(id)) return { id, name: id };
  return { id, name: 'authorization server', ...(id === AUTHSERVER ? {} : { sub: id }) };
}

function isIssuer(lane: string): boolean {
  return lane === AUTHSERVER || /^https?:/.test(lane);
}

function rowsOf(step: Step, chosenNumber: number | undefined): Row[] {
  const lane = laneOf(step);
  if (step.kind === 'token') {
    const text = `a token for ${step.scope === '' ? 'no scope' : step.scope}`;
    return [{ kind: 'arrow', from: lane, to: 'client', text, answer: true }];
  }
  const { number, answer, state, verdicts, stdio } = step.exchange;
  const outcome = outcomeOf(step.exchange);
  const line = answer?.line.replace(/^HTTP\/\S+ /, '') || outcome.text;
  const text = state === 'lost' ? 'lost' : (verdicts[0]?.outcome ?? line);
  const tone = number === chosenNumber ? 'chosen' : outcome.tone === 'bad' ? 'refused' : 'fine';
  const [from, to] = stdio === 'server' ? [lane, 'client'] : ['client', lane];
  const request = `#${number} ${aboutOf(step.exchange)}`;
  const rows: Row[] = [
    { kind: 'arrow', from, to, text: request, answer: false, tone },
    { kind: 'arrow', from: to, to: from, text, answer: true, tone },
  ];
  // A notification has no answer.
  return outcome.text === 'sent' ? rows.slice(0, 1) : rows;
}

function spokenText(steps: readonly Step[]): string {
  const sentences = steps.map((step) => {
    if (step.kind === 'token') return `a token from ${step.issuer}`;
    const { number, server, answer, stdio } = step.exchange;
    const way = `${stdio === 'server' ? 'from' : 'to'} ${server}`;
    const status = answer === undefined ? 'not yet' : outcomeOf(step.exchange).text;
    return `number ${number} ${way}, ${aboutOf(step.exchange)}, answered ${status}`;
  });
  return visibleText(`Sequence of ${steps.length} steps: ${sentences.join('; ')}`);
}
