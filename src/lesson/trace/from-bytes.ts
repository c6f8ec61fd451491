/** Reads the bytes that went over a connection as a traced exchange, masked like one that a server observed. */
import { readHttp } from '../transcripts/response.js';
import { frameText, MAX_STORED } from './body.js';
import type { Body, TracedExchange, TracedResponse } from './exchange.js';
import { headerOf, readHeader } from './headers.js';
import { type Masker, readToken } from './mask.js';
import { maskerOf } from './mask-oauth.js';
import { answerOf } from './recorder.js';

export type About = {
  number: number;
  server: string;
  time: string;
  /** For bytes that contain no secrets. */
  mask?: Masker;
};

/** Lenient: what is no HTTP is shown as it came. `received` is undefined while nothing has come. */
export function exchangeFromBytes(sent: Buffer, received: Buffer | undefined, about: About): TracedExchange {
  const { number, server, time } = about;
  const { head, body } = split(sent);
  const [line = '', ...rest] = head.split('\r\n');
  const headers = rest.map(readHeader);
  const mask = about.mask ?? maskerOf(server, headers);
  const [verb = '', target = ''] = line.split(' ');
  return {
    ...{ number, server, time, verb },
    client: '',
    line: mask.target(line),
    path: mask.target(target).split('?', 1)[0] ?? '',
    headers: headers.map(({ name, value }) => ({ name, value: mask.header(name, value) })),
    body: bodyOf(mask.body(body.toString('utf8')), body.length),
    token: readToken(headerOf(headers, 'authorization')),
    answer: received === undefined || received.length === 0 ? undefined : readAnswer(received, verb, mask),
    stages: [],
    verdicts: [],
    state: received === undefined ? 'open' : 'done',
  };
}

function readAnswer(received: Buffer, verb: string, mask: Masker): TracedResponse {
  const whole = withoutInterim(received);
  const { head, body } = split(whole);
  const answer = answerOf(head, mask);
  const text = decoded(whole, verb) ?? body.toString('utf8');
  const masked = answer.stream ? frameText(text, mask) : mask.body(text);
  // Without a status line there is no number.
  return { ...answer, status: answer.status || 0, body: bodyOf(masked, Buffer.byteLength(text)) };
}

/** The response after 100 Continue and its like. */
function withoutInterim(received: Buffer): Buffer {
  if (!/^HTTP\/1\.[01] 1/.test(received.toString('latin1', 0, 10))) return received;
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? received : received.subarray(end + 4);
}

/** The body without its chunks. Undefined if the bytes are no HTTP response. */
function decoded(received: Buffer, verb: string): string | undefined {
  try {
    return readHttp(received, true, verb)?.body;
  } catch {
    return undefined;
  }
}

function split(bytes: Buffer): { head: string; body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { head: bytes.toString('latin1'), body: Buffer.alloc(0) };
  return { head: bytes.toString('latin1', 0, end), body: bytes.subarray(end + 4) };
}

function bodyOf(text: string, bytes: number): Body {
  return { text: text.slice(0, MAX_STORED), bytes, cut: text.length > MAX_STORED };
}
