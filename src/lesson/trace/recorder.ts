/**
 * Observes one exchange and reports it as a traced one. It keeps bytes while the exchange runs, within bounds, and masks them
 * before it reports anything.
 */
import type { IncomingMessage } from 'node:http';
import type { Principal } from '../../wire/principal.js';
import { Bytes, bodyOf, frameText, grown, MAX_STORED, pageOf } from './body.js';
import {
  AUTHSERVER,
  type Body,
  type Finding,
  type Stage,
  type TracedExchange,
  type TracedResponse,
  type Verdict,
} from './exchange.js';
import { headerOf, headersOf, readHeader } from './headers.js';
import { type Masker, maskText, readToken } from './mask.js';
import { maskerOf } from './mask-oauth.js';
import { oauthVerdict } from './oauth-verdict.js';
import type { ObservedOutcome, Observer } from './observe.js';

export type TraceListener = {
  /** An event stream has begun; `onFrame` reports what it sends from then on. */
  onOpen(exchange: TracedExchange): void;
  onFrame(exchange: TracedExchange, text: string, atMs: number): void;
  onEnd(exchange: TracedExchange): void;
};

export type RecorderOptions = {
  number: number;
  server: string;
  time: Date;
  /** Nanoseconds of a monotonic clock. */
  ticks: () => bigint;
  listener: TraceListener;
  /** What has been found so far, if anybody looks. */
  findings?: (() => readonly Finding[]) | undefined;
};

export function record(request: IncomingMessage, options: RecorderOptions): Observer {
  const { number, server, time, ticks, listener, findings } = options;
  const began = ticks();
  const sinceMs = (): number => Number(ticks() - began) / 1e6;
  const rawHeaders = headersOf(request.rawHeaders);
  const isOAuth = server === AUTHSERVER;
  const mask = maskerOf(server, rawHeaders);
  const receivedBytes = new Bytes();
  const stages: Stage[] = [{ name: 'head read', atMs: 0 }];
  const verdicts: Verdict[] = [];
  let answer: TracedResponse | undefined;
  let sentBytes = new Bytes();
  let principal: Principal | undefined;
  const reached = (name: string): void => void stages.push({ name, atMs: sinceMs() });
  const { method = '', url = '/', httpVersion, socket } = request;
  const target = mask.target(`${method} ${url} HTTP/${httpVersion}`);
  const fixed = {
    number,
    server,
    time: time.toISOString(),
    client: `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`,
    line: target,
    verb: method,
    path: mask.target(url).split('?', 1)[0] ?? '',
    headers: rawHeaders.map(({ name, value }) => ({ name, value: mask.header(name, value) })),
    token: readToken(request.headers.authorization),
  };
  // A stream reports every frame, and its request body does not change.
  let body: Body = { bytes: -1, text: '', cut: false };
  const requestBody = (): Body => {
    if (body.bytes !== receivedBytes.bytes) body = bodyOf(receivedBytes, mask);
    return body;
  };
  const answerBody = (head: TracedResponse): Body => {
    if (head.stream) return head.body;
    return isOAuth && isHtml(head) ? pageOf(sentBytes) : bodyOf(sentBytes, mask);
  };
  const snapshot = (state: TracedExchange['state']): TracedExchange => ({
    ...fixed,
    body: requestBody(),
    answer: answer && { ...answer, body: answerBody(answer) },
    stages: [...stages],
    verdicts: verdicts.length > 0 || principal === undefined ? [...verdicts] : [whoOf(principal)],
    ...(findings && {
      findings: findings().map((one) => ({ ...one, received: mask.body(one.received) })),
    }),
    state,
  });
  return {
    received: (bytes) => receivedBytes.add(bytes),
    receivedAll() {
      if (receivedBytes.bytes > 0) reached('body read');
    },
    authenticated(who) {
      principal = who;
      reached('authenticated');
    },
    decided: () => reached('decided'),
    handled({ method: name, revision, principal: who, client, ...answered }) {
      reached('handled');
      verdicts.push(masked({ method: name, revision, client, ...verdictOf(answered), ...whoOf(who) }));
    },
    refused({ fault, method: name, principal: who }) {
      reached('refused');
      // The cause is for the operator: it says why a token is not accepted.
      const cause = fault.cause instanceof Error ? ` (${fault.cause.message})` : '';
      const reason = fault.message + (fault.message.includes(cause.slice(2, -1)) ? '' : cause);
      const about = { allow: false, reason, fault: fault.name, spec: fault.spec };
      verdicts.push(masked({ method: name, ...about, ...(who && whoOf(who)) }));
    },
    recorded: () => reached('written down'),
    headed(head) {
      // First, because a secret of the request may be in an address that the answer leads to.
      if (isOAuth) requestBody();
      answer = answerOf(head, mask);
      if (answer.stream) listener.onOpen(snapshot('open'));
    },
    sent(chunk) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      // A page of the authorization server has forms with secrets, and nothing of the protocol.
      if (isOAuth && answer !== undefined && isHtml(answer)) return sentBytes.count(bytes);
      if (answer?.stream !== true) return sentBytes.add(bytes);
      const text = frameText(Buffer.from(bytes).toString('utf8'), mask);
      answer.body = grown(answer.body, text, bytes.length);
      listener.onFrame(snapshot('open'), text.slice(0, MAX_STORED), sinceMs());
    },
    ended(whole) {
      reached(whole ? 'answered' : 'connection lost');
      if (isOAuth && answer !== undefined) verdicts.push(oauthVerdict(snapshot('open'), rawHeaders));
      listener.onEnd(snapshot(whole ? 'done' : 'lost'));
      sentBytes = new Bytes();
    },
  };
}

export function answerOf(head: string, mask: Masker): TracedResponse {
  const [line = '', ...lines] = head.split('\r\n').filter((one) => one !== '');
  const headers = lines.map(readHeader).map(({ name, value }) => ({ name, value: mask.header(name, value) }));
  const type = headerOf(headers, 'content-type') ?? '';
  const stream = type.startsWith('text/event-stream');
  return {
    line,
    status: Number(line.split(' ')[1]),
    headers,
    stream,
    body: { text: '', bytes: 0, cut: false },
  };
}

function isHtml({ headers }: TracedResponse): boolean {
  return (headerOf(headers, 'content-type') ?? '').startsWith('text/html');
}

function verdictOf({
  subject,
  authorization,
  ran,
}: Pick<ObservedOutcome, 'subject' | 'authorization' | 'ran'>): Verdict {
  const { decision, needed = [], approvalId } = authorization;
  const verdict: Verdict = { target: subject.target, approvalId, needed, ran };
  if (decision === undefined) return verdict;
  const { allow, reason, policy, enforced } = decision;
  return { ...verdict, allow, reason, policy, ...(enforced === false ? { unenforced: true as const } : {}) };
}

function whoOf({ user, clientId, tenant }: Principal): Verdict {
  return masked({ user, clientId, tenant });
}

function masked(verdict: Verdict): Verdict {
  const entries = Object.entries(verdict).map(([name, value]) => [
    name,
    typeof value === 'string' && name !== 'spec' ? maskText(value) : value,
  ]);
  return Object.fromEntries(entries);
}
