/**
 * Plays a transcript against running servers and reports the first block that differs from what came. It writes to plain sockets,
 * so that a transcript can show malformed HTTP. Reads no files and prints nothing.
 */
import { WireSyntaxError } from '../transcripts/expected.js';
import { type Difference, matchBody, unexpected } from '../transcripts/match.js';
import { Records } from '../transcripts/records.js';
import { type Captures, fillLine, requestBytes } from '../transcripts/request.js';
import type { ServerName, Step } from '../transcripts/steps.js';
import type { Transcript } from '../transcripts/transcript.js';
import { Exchange } from './exchange.js';
import { Peer, type Through } from './peer.js';

export type Stage = {
  addresses: Partial<Record<ServerName, string>>;
  /** The access tokens that requests carry by default. */
  tokens?: Partial<Record<ServerName, string>>;
  /** Tokens of another user for the same servers. */
  strangers?: Partial<Record<ServerName, string>>;
  /** The session of an approver who has signed in. */
  approvers?: Partial<Record<ServerName, string>>;
  /** The URL of a client's metadata document. */
  clientDocument?: string;
  /** Starts a server on stdio. The player calls `stop` when the transcript is over. */
  spawnStdio?: (server: ServerName, through?: Through) => { peer: Peer; stop: () => void };
  /** Intercepts the bytes to and from every server, so that tests can inject violations. */
  through?: Through;
  /** All records in the audit log of a server, in order. */
  records?: (server: ServerName) => Promise<readonly unknown[]>;
  /** How long each expected block may take; 5 s by default. */
  deadlineMs?: number;
};
/** All bytes of one connection, or of the pipes of stdio. */
export type Traffic = { line: number; sent: Buffer; received: Buffer };
/** A difference, or the reason why the transcript could not be played; `line` is 0 for something that no line expects. */
export type Mistake = Difference | { line: number; problem: string };
export type Outcome = {
  /** A report for people; undefined if everything came as written. */
  failure: string | undefined;
  mistakes: Mistake[];
  traffic: Traffic[];
};
/** Watches a transcript while it plays, and may pause it. */
export type Watch = {
  /** Called before these bytes are sent. On stdio there is no URL. */
  sending?(step: Sending, bytes: Buffer, url?: URL): Promise<void>;
  /** Called with the bytes received since the previous step of the exchange, whether or not they are as expected. */
  came?(step: Step, bytes: Buffer): Promise<void>;
};
export type Sending = Step & { kind: 'send' | 'write' };
/** Performs one step and returns the differences. */
type StepRunner = (step: Step) => Promise<Difference[]>;

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
    const runStep =
      transcript.transport === 'stdio'
        ? stdioRunner(transcript.server, stage, captures, keep, stops, watch)
        : httpRunner(transcript.server, stage, captures, keep, watch);
    const records = transcript.steps.some(({ kind }) => kind === 'record')
      ? new Records(stage.records, captures, stage.deadlineMs ?? 5000)
      : undefined;
    const run = async (step: Step): Promise<Difference[]> => {
      if (step.kind === 'record') return (await records?.expect(step.expected)) ?? [];
      const extra = step.kind === 'send' ? await records?.next(step.on ?? transcript.server) : undefined;
      return [...(extra ?? []), ...(await runStep(step))];
    };
    for (const step of [...transcript.steps, undefined]) {
      line = step?.line ?? line;
      const differences = step === undefined ? await records?.leftOver() : await run(step);
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

function httpRunner(
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
      await watch.came?.(step, exchange.peer.takeReceived());
    }
  };
}

function stdioRunner(
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
  return received === '' ? '' : `\n  received last:\n    ${received.trimEnd().replaceAll('\n', '\n    ')}`;
}
