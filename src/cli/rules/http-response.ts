/** What the head of a response from the endpoint must be. */
import { MODERN } from '../../wire/revisions.js';
import type { Exchange } from './exchange.js';
import { isNoVersion } from './http-request.js';
import { type BaseFact, type Finding, type Rule, since } from './rule.js';
import { quote } from './show.js';
import type { Talk } from './talk.js';

export type Reply = BaseFact & {
  by: 'server';
  exchange: Exchange;
  talk: Talk;
  status: number;
  headers: ReadonlyMap<string, string>;
  /** The session that the request names has ended. */
  sessionEnded: boolean;
};

const isPost = ({ exchange }: Reply): boolean => exchange.method === 'POST' && !exchange.old;
const isAccepted = ({ status }: Reply): boolean => status >= 200 && status < 300;
const asks = ({ exchange }: Reply): boolean => exchange.requests.length > 0;
/** Nothing in the body wants an answer. */
const tellsOnly = ({ exchange }: Reply): boolean =>
  exchange.requests.length === 0 && !exchange.unreadable && exchange.notifications + exchange.responses > 0;
const contentType = ({ headers }: Reply): string => {
  const type = headers.get('content-type');
  return type === undefined ? 'nothing' : quote(type);
};

function jsonOrStream(reply: Reply): Finding | undefined {
  if (!isPost(reply) || !asks(reply) || !isAccepted(reply) || reply.exchange.content !== 'other')
    return undefined;
  return {
    where: 'response header Content-Type',
    expected: 'application/json or text/event-stream',
    received: contentType(reply),
  };
}

/** A notification is answered 202. */
function accepted(reply: Reply): Finding | undefined {
  if (!isPost(reply) || !tellsOnly(reply) || !isAccepted(reply) || reply.status === 202) return undefined;
  return { where: 'status', expected: '202', received: String(reply.status) };
}

/** The server said that it serves no legacy revision. */
const speaksModernOnly = ({ discovery }: Talk): boolean =>
  discovery?.versions.every((version) => typeof version === 'string' && version >= MODERN) === true;

export const REPLY_RULES: readonly Rule<Reply>[] = [
  {
    modern: '2026-07-28/streamable-http/016',
    legacy: since('2025-03-26', '2025-11-25/transports/020'),
    judge: jsonOrStream,
  },
  {
    modern: '2026-07-28/streamable-http/013',
    legacy: since('2025-03-26', '2025-11-25/transports/017'),
    judge: accepted,
  },
  {
    modern: '2026-07-28/streamable-http/023',
    judge: ({ exchange, headers }) =>
      exchange.content === 'stream' && headers.get('x-accel-buffering')?.toLowerCase() !== 'no'
        ? {
            where: 'response header X-Accel-Buffering',
            expected: 'no',
            received: headers.get('x-accel-buffering') ?? 'nothing',
          }
        : undefined,
  },
  {
    modern: '2026-07-28/streamable-http/083',
    judge: ({ talk, headers }) =>
      speaksModernOnly(talk) && headers.has('mcp-session-id')
        ? { where: 'response header Mcp-Session-Id', expected: 'nothing', received: 'a session id' }
        : undefined,
  },
  {
    legacy: since('2025-03-26', '2025-11-25/transports/053'),
    judge: ({ headers }) => {
      const session = headers.get('mcp-session-id');
      return session === undefined || /^[\x21-\x7e]+$/.test(session)
        ? undefined
        : { where: 'response header Mcp-Session-Id', expected: 'visible ASCII', received: quote(session) };
    },
  },
  {
    legacy: since('2025-03-26', '2025-11-25/transports/058'),
    judge: (reply) =>
      reply.sessionEnded && isAccepted(reply) && reply.exchange.method !== 'DELETE'
        ? { where: 'status', expected: '404, because the session has ended', received: String(reply.status) }
        : undefined,
  },
  {
    legacy: since('2025-03-26', '2025-11-25/transports/036'),
    judge: (reply) =>
      reply.exchange.method === 'GET' &&
      !reply.exchange.old &&
      isAccepted(reply) &&
      reply.exchange.content !== 'stream'
        ? {
            where: 'response header Content-Type',
            expected: 'text/event-stream, or status 405',
            received: contentType(reply),
          }
        : undefined,
  },
  {
    modern: '2026-07-28/streamable-http/082',
    judge: ({ exchange, status, talk }) => {
      const isOther = exchange.method === 'GET' || exchange.method === 'DELETE';
      return speaksModernOnly(talk) &&
        isOther &&
        status !== 405 &&
        status !== 401 &&
        status !== 403 &&
        status !== 429 &&
        status < 500
        ? { where: 'status', expected: '405', received: String(status) }
        : undefined;
    },
  },
  {
    legacy: { '2025-11-25': '2025-11-25/transports/065', '2025-06-18': '2025-06-18/transports/008' },
    judge: (reply) => {
      const version = reply.exchange.headers.get('mcp-protocol-version');
      return version !== undefined && isNoVersion(version) && !reply.exchange.opens && isAccepted(reply)
        ? {
            where: 'status',
            expected: `400, because ${quote(version)} is not a version`,
            received: String(reply.status),
          }
        : undefined;
    },
  },
];
