/** What a turn shows on its two sides: the lines with their notes, as they must be or as they were. */
import { isRecord } from '../../wire/value.js';
import { parseJson } from '../json.js';
import { eraOf, type TracedExchange, type TracedResponse } from '../trace/exchange.js';
import { tracedFromBytes } from '../trace/from-bytes.js';
import { headerOf } from '../trace/headers.js';
import {
  answerLines,
  frameLines,
  headLines,
  type Line,
  messageLines,
  type Part,
  requestLines,
} from '../trace/lines.js';
import { expectedExchange, withoutWildcards } from './expected-view.js';
import type { Performed } from './perform.js';
import { requestText, type Turn } from './turns.js';

/** Of one side; more of it is among the raw bytes. */
const MAX_LINES = 200;
/** Characters of a part of a line. */
const MAX_PART = 2_000;

type Status = { status: number; line?: string };
type Lines = { sent: Line[]; came: Line[]; status: Status | undefined };

export function linesOf(turn: Turn, performed: Performed | undefined, isStdio: boolean): Lines {
  const { sent, came, status } = allLinesOf(turn, performed, isStdio);
  return { sent: bounded(sent), came: bounded(came), status };
}

function bounded(lines: readonly Line[]): Line[] {
  const shown = lines.slice(0, MAX_LINES).map((line) => line.flatMap(shortened));
  const more = lines.length - shown.length;
  return more === 0 ? shown : [...shown, [{ text: `… ${more} more lines`, kind: 'aside' }]];
}

function shortened(part: Part): Part[] {
  const more = part.text.length - MAX_PART;
  if (more <= 0) return [part];
  return [
    { ...part, text: part.text.slice(0, MAX_PART) },
    { text: `… ${more} more characters`, kind: 'aside' },
  ];
}

function allLinesOf(turn: Turn, performed: Performed | undefined, isStdio: boolean): Lines {
  const expected = expectedExchange(turn, turn.server !== 'authserver');
  if (isStdio) {
    const sent = performed?.sent.toString('utf8') ?? requestText(turn);
    const came = performed?.came?.toString('utf8') ?? expected.answer?.body.text ?? '';
    const shown = performed === undefined ? withoutWildcards : (lines: readonly Line[]) => [...lines];
    return {
      sent: shown(messageLines('request', sent)),
      came: shown(messageLines('response', came)),
      status: undefined,
    };
  }
  if (performed === undefined) {
    const { answer } = expected;
    return {
      sent: withoutWildcards(requestLines(expected)),
      came: withoutWildcards(answerLines(expected)),
      status: answer && { status: answer.status },
    };
  }
  const { sent, came, observed } = performed;
  const about = { number: turn.index + 1, server: turn.server, time: observed?.time ?? '' };
  if (turn.send === undefined) {
    const text = came === undefined ? '' : withoutChunks(came.toString('utf8'));
    return {
      sent: [],
      came: frameLines(text, observed === undefined ? 'legacy' : eraOf(observed)),
      status: undefined,
    };
  }
  const traced = tracedFromBytes(sent, came, about);
  return {
    // The token is shown below: it is not on the wire like this.
    sent: requestLines({ ...traced, token: undefined }),
    came: traced.answer && isPage(traced.answer) ? pageLines(traced, traced.answer) : answerLines(traced),
    status: traced.answer,
  };
}

function isPage({ headers }: TracedResponse): boolean {
  return headerOf(headers, 'content-type')?.startsWith('text/html') === true;
}

/** A page for people is long, and the exchanges that follow need its hidden fields at most. */
function pageLines(traced: TracedExchange, { body }: TracedResponse): Line[] {
  const fields = body.text.match(/<input type="hidden"[^<>]*>/g) ?? [];
  return [
    ...headLines(traced),
    [],
    [{ text: `(an HTML page of ${body.bytes} bytes, which “Raw bytes” shows)`, kind: 'aside' }],
    ...[...new Set(fields)].map((text): Line => [{ text }]),
  ];
}

/** More of a stream: what comes between the sizes of its chunks. */
function withoutChunks(text: string): string {
  return text.replace(/^[\da-f]{1,8}\r\n/gim, '').replaceAll('\r\n', '');
}

/** The id of a JSON-RPC message, for the title of a turn that has none. */
export function aboutTurn(turn: Turn): string {
  const { send } = turn;
  if (send === undefined) return 'More from the server';
  const text = send.kind === 'write' ? send.text : (send.body ?? []).map((line) => line.text).join('\n');
  const message = parseJson(text);
  if (isRecord(message) && typeof message.method === 'string') return message.method;
  return send.kind === 'write' ? 'A message' : requestTitle(send.head[0]?.text ?? '');
}

/** `GET /authorize`: the query is long, and stands in the exchange. */
function requestTitle(line: string): string {
  const [verb = '', target = ''] = line.split(' ');
  return `${verb} ${target.split('?', 1)[0]}`.replace(/\{\{([^{}]{1,80})\}\}/g, '‹$1›').trim();
}
