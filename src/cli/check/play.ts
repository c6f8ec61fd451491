/** Plays one transcript against the server, and explains what differs. */
import { clauseOf } from '../../lesson/annotations/clauses.js';
import { curlLine } from '../../lesson/player/curl.js';
import { type Mistake, play } from '../../lesson/player/play.js';
import type { Stage, Watch } from '../../lesson/player/stage.js';
import { withoutSecrets } from '../../lesson/player/visible.js';
import type { ExpectedResponse, ExpectedText } from '../../lesson/transcripts/expected.js';
import { placesIn } from '../../lesson/transcripts/places.js';
import { readHttp } from '../../lesson/transcripts/response.js';
import type { Step } from '../../lesson/transcripts/steps.js';
import type { Transcript } from '../../lesson/transcripts/transcript.js';
import type { PlayedExchange } from './connection.js';
import { type Failure, severityOf } from './report.js';
import { clausesAt, type Entry } from './transcripts.js';

/** What of a message is kept for a report. */
const MAX_SHOWN_BYTES = 8_000;

export type PlayOutcome =
  | { kind: 'passed' }
  | { kind: 'failed'; failure: Failure }
  /** It differed before the transcript came to its point. */
  | { kind: 'astray'; reason: string; failure: Failure };

type Turn = { line: number; sent: Buffer; url: URL | undefined; received: Buffer };

export async function playEntry(
  { source, file, transcript }: Entry,
  stage: Stage,
  pace: () => Promise<void>,
  onExchange: (exchange: PlayedExchange) => void,
): Promise<{ outcome: PlayOutcome; statuses: string[] }> {
  const turns: Turn[] = [];
  const lastOf = new Map<string, Turn>();
  const watch: Watch = {
    async beforeSend(step, bytes, url) {
      await pace();
      const turn = { line: step.line, sent: bytes, url, received: Buffer.alloc(0) };
      turns.push(turn);
      lastOf.set(step.name, turn);
    },
    async onReceive(step, bytes) {
      const turn = lastOf.get(step.name);
      if (turn !== undefined) turn.received = Buffer.concat([turn.received, bytes]);
    },
  };
  const { mistakes, traffic } = await play(transcript, stage, file, watch);
  for (const { line, sent, received } of traffic) onExchange({ line, sent, received, what: file });
  const statuses = turns.map(({ received }) => received.toString('latin1', 9, 12));
  const [mistake] = mistakes;
  if (mistake === undefined) return { outcome: { kind: 'passed' }, statuses };
  const ids = clausesAt(transcript, mistake.line);
  const clauses = (ids ?? transcript.clauses).flatMap((id) => clauseOf(id) ?? []);
  const turn = turns.findLast(({ line }) => line <= mistake.line) ?? turns.at(-1);
  const failure: Failure = {
    severity: severityOf(clauses),
    clauses,
    sent: shown(turn?.sent),
    received: shown(decoded(turn)),
    expected: expectedAt(source, mistake.line, transcript.transport === 'stdio'),
    differences: mistakes,
    curl: turn?.url === undefined ? undefined : curlOf(turn.sent, turn.url, stage.tokens?.any),
  };
  const outcome: PlayOutcome =
    ids === undefined ? { kind: 'astray', reason: problemOf(mistake), failure } : { kind: 'failed', failure };
  return { outcome, statuses };
}

export function problemOf(mistake: Mistake): string {
  if ('problem' in mistake) return mistake.problem;
  return `${mistake.where}: expected ${mistake.expected}, received ${mistake.received}`;
}

function curlOf(sent: Buffer, url: URL, token: string | undefined): string | undefined {
  const line = curlLine(sent, url, token === undefined ? {} : { TOKEN: token });
  return line.kind === 'curl' ? line.line : undefined;
}

/** Without the chunk sizes, which are of no interest to a reader. */
function decoded(turn: Turn | undefined): Buffer | undefined {
  if (turn?.url === undefined) return turn?.received;
  try {
    const { status, headers, body } =
      readHttp(turn.received, true, turn.sent.toString('latin1', 0, 4).trim()) ?? {};
    if (headers === undefined) return turn.received;
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    return Buffer.from([status, ...lines, '', body].join('\n'));
  } catch {
    return turn.received;
  }
}

function shown(bytes: Buffer = Buffer.alloc(0)): string {
  const text = withoutSecrets(bytes.subarray(0, MAX_SHOWN_BYTES).toString('utf8').replaceAll('\r\n', '\n'));
  return bytes.length > MAX_SHOWN_BYTES ? `${text}\n… ${bytes.length - MAX_SHOWN_BYTES} more bytes` : text;
}

/** The lines of the block that a line belongs to, without their marks. */
function expectedAt(source: string, line: number, bodyOnly: boolean): string {
  const lines = source.split(/\r?\n/);
  const places = placesIn(source);
  const block = places[line - 1]?.block;
  return (
    lines
      .filter((text, at) => places[at]?.block === block && /^[<>]/.test(text))
      // On stdio, the lines of the head mean nothing.
      .filter((text) => !bodyOnly || /^. *([{[]|$)/.test(text))
      .map((text) => text.slice(2))
      .filter((text) => !text.startsWith('@'))
      .join('\n')
  );
}

function bodiesOf(expected: ExpectedResponse): ExpectedText[] {
  const others = expected.or === undefined ? [] : bodiesOf(expected.or);
  return expected.body.kind === 'json' ? [expected.body, ...others] : others;
}

/** The messages of a transcript for HTTP, as lines of stdio. Undefined if it is about HTTP itself. */
export function asStdio(transcript: Transcript): Transcript | undefined {
  if (!transcript.eitherTransport) return transcript.transport === 'stdio' ? transcript : undefined;
  const steps = transcript.steps.flatMap((step): Step[] => {
    const { line } = step;
    if (step.kind === 'send')
      return [{ kind: 'write', name: '', line, text: (step.body ?? []).map(({ text }) => text).join(' ') }];
    if (step.kind !== 'expect' || step.expected.kind !== 'response') return [];
    // A notification is answered by a status alone.
    const [body, ...or] = bodiesOf(step.expected);
    return body === undefined
      ? []
      : [{ kind: 'expect', name: '', line, expected: { kind: 'line', line: body.line, body, or } }];
  });
  return { ...transcript, transport: 'stdio', steps };
}
