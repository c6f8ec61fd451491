/** What a turn shows on its two sides: the lines with their notes, as they must be or as they were. */
import { isRecord } from '../../wire/value.js';
import { parseJson } from '../json.js';
import { eraOf, type TracedExchange, type TracedResponse } from '../trace/exchange.js';
import { exchangeFromBytes } from '../trace/from-bytes.js';
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
import type { PlayedTurn } from './perform.js';
import { requestText, type Turn } from './turns.js';

/** Of one side; more of it is among the raw bytes. */
const MAX_LINES = 200;
/** Characters of a part of a line. */
const MAX_PART = 2_000;

type Status = { status: number; line?: string };
type Lines = { sent: Line[]; received: Line[]; status: Status | undefined };

export function linesOf(turn: Turn, playedTurn: PlayedTurn | undefined, isStdio: boolean): Lines {
  const { sent, received, status } = allLinesOf(turn, playedTurn, isStdio);
  return { sent: bounded(sent), received: bounded(received), status };
}

function bounded(lines: readonly Line[]): Line[] {
  const firstLines = lines.slice(0, MAX_LINES).map((line) => line.flatMap(shortened));
  const more = lines.length - firstLines.length;
  return more === 0 ? firstLines : [...firstLines, [{ text: `… ${more} more lines`, kind: 'aside' }]];
}

function shortened(part: Part): Part[] {
  const more = part.text.length - MAX_PART;
  if (more <= 0) return [part];
  return [
    { ...part, text: part.text.slice(0, MAX_PART) },
    { text: `… ${more} more characters`, kind: 'aside' },
  ];
}

function allLinesOf(turn: Turn, playedTurn: PlayedTurn | undefined, isStdio: boolean): Lines {
  const expected = expectedExchange(turn, turn.server !== 'authserver');
  if (isStdio) {
    const sent = playedTurn?.sent.toString('utf8') ?? requestText(turn);
    const received = playedTurn?.received?.toString('utf8') ?? expected.answer?.body.text ?? '';
    const readable = playedTurn === undefined ? withoutWildcards : (lines: readonly Line[]) => [...lines];
    return {
      sent: readable(messageLines('request', sent)),
      received: readable(messageLines('response', received)),
      status: undefined,
    };
  }
  if (playedTurn === undefined) {
    const { answer } = expected;
    return {
      sent: withoutWildcards(requestLines(expected)),
      received: withoutWildcards(answerLines(expected)),
      status: answer && { status: answer.status },
    };
  }
  const { sent, received, observed } = playedTurn;
  const about = { number: turn.index + 1, server: turn.server, time: observed?.time ?? '' };
  if (turn.send === undefined) {
    const text = received === undefined ? '' : withoutChunks(received.toString('utf8'));
    return {
      sent: [],
      received: frameLines(text, observed === undefined ? 'legacy' : eraOf(observed)),
      status: undefined,
    };
  }
  const exchange = exchangeFromBytes(sent, received, about);
  return {
    // The token is shown below: it is not on the wire like this.
    sent: requestLines({ ...exchange, token: undefined }),
    received:
      exchange.answer && isPage(exchange.answer)
        ? pageLines(exchange, exchange.answer)
        : answerLines(exchange),
    status: exchange.answer,
  };
}

function isPage({ headers }: TracedResponse): boolean {
  return headerOf(headers, 'content-type')?.startsWith('text/html') === true;
}

/** A page for people is long, and the exchanges that follow need its hidden fields at most. */
function pageLines(exchange: TracedExchange, { body }: TracedResponse): Line[] {
  const fields = body.text.match(/<input type="hidden"[^<>]*>/g) ?? [];
  return [
    ...headLines(exchange),
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
