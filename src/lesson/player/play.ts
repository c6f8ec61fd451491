/**
 * Plays a transcript against running servers and reports the first block that differs from what came. It writes to plain sockets,
 * so that a transcript can show malformed HTTP. Reads no files and prints nothing.
 */
import { WireSyntaxError } from '../transcripts/expected.js';
import type { Difference } from '../transcripts/match.js';
import { Records } from '../transcripts/records.js';
import type { Captures } from '../transcripts/request.js';
import type { Step } from '../transcripts/steps.js';
import type { Transcript } from '../transcripts/transcript.js';
import type { Peer } from './peer.js';
import { httpRunner, stdioRunner } from './runners.js';
import type { Stage, Watch } from './stage.js';

/** All bytes of one connection, or of the pipes of stdio. */
export type Traffic = {
  line: number;
  sent: Buffer;
  received: Buffer;
  /** The client's port; undefined on stdio. */
  port: number | undefined;
};
/** A difference, or the reason why the transcript could not be played; `line` is 0 for something that no line expects. */
export type Mistake = Difference | { line: number; problem: string };
export type Outcome = {
  /** A report for people; undefined if everything came as written. */
  failure: string | undefined;
  mistakes: Mistake[];
  traffic: Traffic[];
};
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
  const traffic = peers.map(({ line: at, peer }) => ({
    line: at,
    sent: peer.sent,
    received: peer.received,
    port: peer.port,
  }));
  if (mistakes.length === 0) return { failure: undefined, mistakes, traffic };
  const reports = mistakes.map((mistake) => report(file, mistake)).join('\n');
  return { failure: `${transcript.title}\n${reports}${lastReceived(traffic)}`, mistakes, traffic };
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
