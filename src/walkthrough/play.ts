/**
 * Plays a transcript against running servers and says where the first block differs from what came. Everything goes
 * over node:net as it stands in the transcript, so that malformed HTTP can be shown. Reads no file, prints nothing.
 */

import { WireSyntaxError } from '../lesson/transcripts/expected.js';
import { type Difference, matchBody, unexpected } from '../lesson/transcripts/match.js';
import { Records } from '../lesson/transcripts/records.js';
import type { Captures } from '../lesson/transcripts/request.js';
import { fillLine, requestBytes } from '../lesson/transcripts/request.js';
import type { ServerName, Step } from '../lesson/transcripts/steps.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { Exchange } from './exchange.js';
import { Peer, type Through } from './peer.js';

export type Stage = {
  addresses: Partial<Record<ServerName, string>>;
  /** The access token that requests to a server carry unless they say otherwise. */
  tokens?: Partial<Record<ServerName, string>>;
  /** Tokens of another user for the same servers. */
  strangers?: Partial<Record<ServerName, string>>;
  /** The session of an approver who has signed in. */
  approvers?: Partial<Record<ServerName, string>>;
  /** The URL of a client's metadata document. */
  clientDocument?: string;
  /** Starts a server on stdio; `stop` is called when the transcript is over. */
  spawnStdio?: (server: ServerName, through?: Through) => { peer: Peer; stop: () => void };
  /** Intercepts the bytes to and from every server, so that tests can prove that violations are noticed. */
  through?: Through;
  /** All that the audit log of a server holds, in its order. */
  records?: (server: ServerName) => Promise<readonly unknown[]>;
  /** How long each expected block may take; 5 s unless told otherwise. */
  deadlineMs?: number;
};
/** Everything that went over one connection, or over the pipes of stdio. */
export type Traffic = { line: number; sent: Buffer; received: Buffer };
/** What did not come as written, or why it could not be played; `line` is 0 for what no line asked for. */
export type Mistake = Difference | { line: number; problem: string };
export type Outcome = {
  /** Undefined when all came as expected; otherwise a report for people. */
  failure: string | undefined;
  mistakes: Mistake[];
  traffic: Traffic[];
};
/** Looks on while a transcript plays, and may keep it waiting. */
export type Watch = {
  /** Before these bytes go to that address (none on stdio). */
  sending?(step: Sending, bytes: Buffer, url?: URL): Promise<void>;
  /** What came for a step since the last one of its exchange, also when it was not as expected. */
  came?(step: Step, bytes: Buffer): Promise<void>;
};
export type Sending = Step & { kind: 'send' | 'write' };
/** Does one step; what it returns makes the transcript fail. */
type Doer = (step: Step) => Promise<Difference[]>;

export async function play(
  transcript: Transcript,
  stage: Stage,
  file = 'transcript',
  watch: Watch = {},
): Promise<Outcome> {
  const peers: { line: number; peer: Peer }[] = [];
  const stops: (() => void)[] = [];
  const captures: Captures = new Map();
  let mistakes: Mistake[] = [];
  let line = 1;
  try {
    const keep = (peer: Peer) => {
      peers.push({ line, peer });
      return peer;
    };
    const doStep =
      transcript.transport === 'stdio'
        ? stdioDoer(transcript.server, stage, captures, keep, stops, watch)
        : httpDoer(transcript.server, stage, captures, keep, watch);
    const records = transcript.steps.some(({ kind }) => kind === 'record')
      ? new Records(stage.records, captures, stage.deadlineMs ?? 5000)
      : undefined;
    const doAny = async (step: Step): Promise<Difference[]> => {
      if (step.kind === 'record') return (await records?.expect(step.expected)) ?? [];
      const left = step.kind === 'send' ? await records?.next(step.on ?? transcript.server) : undefined;
      return [...(left ?? []), ...(await doStep(step))];
    };
    for (const step of [...transcript.steps, undefined]) {
      line = step?.line ?? line;
      const differences = step === undefined ? await records?.leftOver() : await doAny(step);
      if (differences === undefined || differences.length === 0) continue;
      mistakes = differences;
      break;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    mistakes = [{ line: error instanceof WireSyntaxError ? error.line : line, problem: error.message }];
  }
  for (const { peer } of peers) peer.drop();
  for (const stop of stops) stop();
  const traffic = peers.map(({ line: at, peer }) => ({ line: at, sent: peer.sent, received: peer.received }));
  if (mistakes.length === 0) return { failure: undefined, mistakes, traffic };
  const reports = mistakes.map((mistake) => report(file, mistake)).join('\n');
  return { failure: `${transcript.title}\n${reports}${lastReceived(traffic)}`, mistakes, traffic };
}

function httpDoer(
  server: ServerName,
  stage: Stage,
  captures: Captures,
  keep: (peer: Peer) => Peer,
  watch: Watch,
): Doer {
  const urlOf = (name: ServerName): URL => {
    const address = stage.addresses[name];
    if (address === undefined) throw new Error(`the ${name} server is not running`);
    return new URL(address);
  };
  captures.set('host', urlOf(server).host);
  for (const [name, address] of Object.entries(stage.addresses)) captures.set(name, new URL(address).host);
  const { tokens = {}, strangers = {}, approvers = {} } = stage;
  if (tokens[server] !== undefined) captures.set('bearer', tokens[server]);
  if (strangers[server] !== undefined) captures.set('stranger', strangers[server]);
  if (approvers[server] !== undefined) captures.set('approver', approvers[server]);
  if (stage.clientDocument !== undefined) captures.set('client-document', stage.clientDocument);
  const open = new Map<string, Exchange>();
  return async (step) => {
    if (step.kind === 'send') {
      const url = urlOf(step.on ?? server);
      const bytes = requestBytes(step.head, step.body, url.host, captures, tokens[step.on ?? server]);
      await watch.sending?.(step, bytes, url);
      const method = step.head[0]?.text.split(' ')[0] ?? '';
      const exchange = new Exchange(
        step.name,
        method,
        keep(Peer.to(url, step.line, stage.through)),
        stage.deadlineMs ?? 5000,
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
      await watch.came?.(step, exchange.peer.news());
    }
  };
}

function stdioDoer(
  server: ServerName,
  stage: Stage,
  captures: Captures,
  keep: (peer: Peer) => Peer,
  stops: (() => void)[],
  watch: Watch,
): Doer {
  const started = stage.spawnStdio?.(server, stage.through);
  if (started === undefined) throw new Error('nothing was given that starts a server on stdio');
  stops.push(started.stop);
  const peer = keep(started.peer);
  const deadlineMs = stage.deadlineMs ?? 5000;
  let read = 0;
  return async (step) => {
    const { line } = step;
    if (step.kind === 'write') {
      const text = fillLine({ line, text: step.text }, captures, true);
      await watch.sending?.(step, text);
      peer.write(Buffer.concat([text, Buffer.from('\n')]));
    } else if (step.kind === 'close') peer.close();
    else if (step.kind === 'end') {
      await peer.until('the end', deadlineMs, () => peer.ended || undefined);
      const rest = peer.received.toString('utf8', read);
      return rest === '' ? [] : unexpected(line, 'a further line', rest);
    } else if (step.kind === 'expect' && step.expected.kind === 'line') {
      const end = await peer.until('a line', deadlineMs, () => {
        const at = peer.received.indexOf('\n', read);
        return at < 0 ? undefined : at;
      });
      const text = peer.received.toString('utf8', read, end);
      read = end + 1;
      await watch.came?.(step, Buffer.from(text));
      return matchBody(step.expected.body, text, captures);
    }
    return [];
  };
}

function report(file: string, mistake: Mistake): string {
  if ('problem' in mistake) return `${file}:${mistake.line} ${mistake.problem}`;
  const { line, where, expected, received } = mistake;
  return `${file}:${line} ${where}\n    expected  ${expected}\n    received  ${received}`;
}

function lastReceived(traffic: Traffic[]): string {
  const received = traffic.at(-1)?.received.toString('utf8').slice(0, 4000) ?? '';
  return received === ''
    ? ''
    : `\n  all that came last:\n    ${received.trimEnd().replaceAll('\n', '\n    ')}`;
}
