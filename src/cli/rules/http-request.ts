/** What a request to the endpoint must have besides its messages. */
import { isRevision } from '../../wire/revisions.js';
import type { Exchange } from './exchange.js';
import { type BaseFact, type Rule, since } from './rule.js';
import { quote } from './show.js';
import type { Talk } from './talk.js';

export type Head = BaseFact & {
  by: 'client';
  exchange: Exchange;
  talk: Talk;
  target: string;
  /** The body is an array. */
  batch: boolean;
  /** The last session that was opened without an end, if the request does not name one. */
  issuedSession: string | undefined;
};

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream';
const isPost = ({ exchange }: Head): boolean => exchange.method === 'POST' && !exchange.old;
const header = ({ exchange }: Head, name: string): string | undefined => exchange.headers.get(name);
/** Whether the header has this media type, or one that stands for it. */
function accepts(accept: string, type: string): boolean {
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';', 1)[0]?.trim());
  return [type, `${type.split('/')[0]}/*`, '*/*'].some((range) => ranges.includes(range));
}

function acceptBoth(head: Head) {
  const accept = header(head, 'accept') ?? '';
  if (!isPost(head) || (accepts(accept, JSON_TYPE) && accepts(accept, STREAM_TYPE))) return undefined;
  return {
    where: 'request header Accept',
    expected: `${JSON_TYPE} and ${STREAM_TYPE}`,
    received: accept === '' ? 'nothing' : quote(accept),
  };
}

/** After the handshake of a session that settled on a revision which has the header. */
function versionExpected(head: Head): string | undefined {
  const { talk, exchange } = head;
  const settled = talk.handshake === 'answered' || talk.handshake === 'complete';
  return settled && !exchange.opens && !exchange.old ? talk.negotiatedRevision : undefined;
}
function versionMissing(head: Head) {
  const expected = versionExpected(head);
  if (expected === undefined || header(head, 'mcp-protocol-version') !== undefined) return undefined;
  return { where: 'request header MCP-Protocol-Version', expected, received: 'nothing' };
}

export const HEAD_RULES: readonly Rule<Head>[] = [
  {
    modern: '2026-07-28/streamable-http/008',
    legacy: since('2025-03-26', '2025-11-25/transports/015'),
    judge: acceptBoth,
  },
  {
    legacy: since('2025-03-26', '2025-11-25/transports/035'),
    judge: (head) => {
      const accept = header(head, 'accept') ?? '';
      if (head.exchange.method !== 'GET' || head.exchange.old || accepts(accept, STREAM_TYPE))
        return undefined;
      return {
        where: 'request header Accept',
        expected: STREAM_TYPE,
        received: accept === '' ? 'nothing' : quote(accept),
      };
    },
  },
  {
    modern: '2026-07-28/streamable-http/010',
    legacy: since('2025-06-18', '2025-11-25/transports/016'),
    judge: (head) =>
      isPost(head) && head.batch
        ? { where: 'request body', expected: 'one JSON-RPC message', received: 'an array' }
        : undefined,
  },
  {
    legacy: { '2025-11-25': '2025-11-25/transports/062', '2025-06-18': '2025-06-18/transports/006' },
    judge: versionMissing,
  },
  {
    legacy: since('2025-06-18', '2025-11-25/transports/063'),
    judge: (head) => {
      const expected = versionExpected(head);
      const version = header(head, 'mcp-protocol-version');
      return expected === undefined || version === undefined || version === expected
        ? undefined
        : { where: 'request header MCP-Protocol-Version', expected, received: quote(version) };
    },
  },
  {
    legacy: since('2025-03-26', '2025-11-25/transports/055'),
    judge: ({ issuedSession, exchange }) =>
      issuedSession === undefined || exchange.opens
        ? undefined
        : {
            where: 'request header Mcp-Session-Id',
            expected: 'the id that the server issued',
            received: 'nothing',
          },
  },
  {
    modern: '2026-07-28/authorization/033',
    legacy: since('2025-03-26', '2025-11-25/authorization/028'),
    judge: ({ target }) =>
      /[?&]access_token=/.test(target)
        ? {
            where: 'request target',
            expected: 'a token in the header Authorization alone',
            received: 'access_token in the query',
          }
        : undefined,
  },
  {
    modern: '2026-07-28/streamable-http/011',
    judge: ({ exchange }) =>
      exchange.responses > 0
        ? { where: 'request body', expected: 'a request or a notification', received: 'a response' }
        : undefined,
  },
];

/** A version that a header or a body names, if it is none that ever was. */
export function isNoVersion(value: string): boolean {
  return !isRevision(value) && !/^(\d{4}-\d\d-\d\d|draft|DRAFT-.*)$/.test(value);
}
