/** Perform the steps of a transcript over HTTP or stdio. */
import type { ExpectedText } from '../transcripts/expected.js';
import { type Difference, matchBody, unexpected } from '../transcripts/match.js';
import { type Captures, fillLine, requestBytes } from '../transcripts/request.js';
import { answersSomething } from '../transcripts/response.js';
import type { ServerName, Step } from '../transcripts/steps.js';
import { Exchange } from './exchange.js';
import { Peer } from './peer.js';
import type { Stage, Watch } from './stage.js';

/** Performs one step and returns the differences. */
export type StepRunner = (step: Step) => Promise<Difference[]>;

export function httpRunner(
  server: ServerName,
  stage: Stage,
  captures: Captures,
  keep: (peer: Peer) => Peer,
  watch: Watch,
): StepRunner {
  const urlOf = (name: ServerName): URL => {
    const address = stage.addresses[name];
    if (address === undefined) throw new Error(`the ${name} server is not running`);
    return new URL(address);
  };
  captures.set('host', urlOf(server).host);
  for (const [name, address] of Object.entries(stage.addresses)) captures.set(name, new URL(address).host);
  for (const [name, value] of Object.entries(stage.values ?? {})) captures.set(name, value);
  const { tokens = {}, strangers = {}, approvers = {}, elsewhere = {} } = stage;
  if (tokens[server] !== undefined) captures.set('bearer', tokens[server]);
  if (strangers[server] !== undefined) captures.set('stranger', strangers[server]);
  if (approvers[server] !== undefined) captures.set('approver', approvers[server]);
  if (stage.clientDocument !== undefined) captures.set('client-document', stage.clientDocument);
  const open = new Map<string, Exchange>();
  return async (step) => {
    if (step.kind === 'send') {
      const to = step.on ?? server;
      const url = urlOf(to);
      if (elsewhere[to] !== undefined) captures.set('elsewhere', elsewhere[to]);
      const more = stage.headersFor?.(step) ?? [];
      const bytes = requestBytes(step.head, step.body, url.host, captures, tokens[to], more);
      await watch.beforeSend?.(step, bytes, url);
      const method = step.head[0]?.text.split(' ')[0] ?? '';
      const exchange = new Exchange(
        step.name,
        method,
        keep(Peer.to(url, step.line, stage.through)),
        stage.deadlineMs ?? 5000,
        server === 'any',
      );
      open.set(step.name, exchange);
      exchange.peer.write(bytes);
      return [];
    }
    const exchange = open.get(step.name);
    if (exchange === undefined) throw new Error(`"@${step.name}" is not open`);
    try {
      if (step.kind === 'end') return await exchange.expectEnd(step.line);
      return step.kind === 'expect' ? await exchange.expect(step.expected, captures) : [];
    } finally {
      if (step.kind === 'close' || step.name === '') exchange.peer.close();
      await watch.onReceive?.(step, exchange.peer.takeReceived());
    }
  };
}

export function stdioRunner(
  server: ServerName,
  stage: Stage,
  captures: Captures,
  keep: (peer: Peer) => Peer,
  stops: (() => void)[],
  watch: Watch,
): StepRunner {
  const started = stage.spawnStdio?.(server, stage.through);
  if (started === undefined) throw new Error('this transcript needs a server on stdio');
  stops.push(started.stop);
  for (const [name, value] of Object.entries(stage.values ?? {})) captures.set(name, value);
  const peer = keep(started.peer);
  const deadlineMs = stage.deadlineMs ?? 5000;
  let readEnd = 0;
  return async (step) => {
    const { line } = step;
    if (step.kind === 'write') {
      const text = fillLine({ line, text: step.text }, captures, true);
      await watch.beforeSend?.(step, text);
      peer.write(Buffer.concat([text, Buffer.from('\n')]));
    } else if (step.kind === 'close') peer.close();
    else if (step.kind === 'end') {
      await peer.until('the end', deadlineMs, () => peer.hasEnded || undefined);
      const rest = peer.received.toString('utf8', readEnd);
      return rest === '' ? [] : unexpected(line, 'a further line', rest);
    } else if (step.kind === 'expect' && step.expected.kind === 'line') {
      let text = '';
      // Any server may send notifications first.
      do {
        const end = await peer.until('a line', deadlineMs, () => {
          const at = peer.received.indexOf('\n', readEnd);
          return at < 0 ? undefined : at;
        });
        text = peer.received.toString('utf8', readEnd, end);
        readEnd = end + 1;
      } while (server === 'any' && !answersSomething(text));
      await watch.onReceive?.(step, Buffer.from(text));
      return matchEither(step.expected, text, captures);
    }
    return [];
  };
}

/** Of several bodies that may come, compares with the one that differs least. */
function matchEither(
  { body, or = [] }: { body: ExpectedText; or?: ExpectedText[] },
  text: string,
  captures: Captures,
): Difference[] {
  const weigh = (one: ExpectedText) => matchBody(one, text, new Map(captures)).length;
  const closest = [body, ...or].reduce((best, one) => (weigh(one) < weigh(best) ? one : best));
  return matchBody(closest, text, captures);
}
