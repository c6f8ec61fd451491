/** Watches the HTTP exchanges of one client with one endpoint. */
import { parseJson } from '../../lesson/json.js';
import { isRevision, MODERN, WITHOUT_HEADER } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import { BoundedMap } from './bounded.js';
import { CHALLENGE_RULES } from './challenges.js';
import { createExchange, type Exchange, joinHeaders, pathOf } from './exchange.js';
import { hear } from './hear.js';
import { judgeBody, judgeEnd } from './http-body.js';
import { HEAD_RULES, type Head } from './http-request.js';
import { REPLY_RULES, type Reply } from './http-response.js';
import { findMismatches } from './mirrored-headers.js';
import { lacksRequiredMeta, type RevisionClaim, revisionInBody } from './revision.js';
import { compile } from './rule.js';
import { Sessions } from './sessions.js';
import type { SeenRequest, SeenResponse, Violation, Witness } from './violation.js';

const MAX_OPEN = 1000;
const MAX_PATHS = 20;
const OWN_HEADERS = ['mcp-protocol-version', 'mcp-session-id', 'mcp-method'];

const judgeHead = compile<Head>(HEAD_RULES);
const judgeReply = compile<Reply>(REPLY_RULES);
const judgeChallenge = compile<Reply>(CHALLENGE_RULES);

export function createHttpWitness(oneClient: boolean): Witness {
  const sessions = new Sessions(oneClient);
  const exchanges = new BoundedMap<number, Exchange>(MAX_OPEN);
  /** The paths of endpoints, and of the second endpoint of HTTP with SSE (2024-11-05). */
  const endpoints = new BoundedMap<string, 'streamable' | 'old'>(MAX_PATHS);

  /** Other requests than those of MCP come along, such as those of OAuth. */
  function isOurs(
    { method, target }: SeenRequest,
    headers: ReadonlyMap<string, string>,
    values: readonly unknown[],
  ): boolean {
    if (endpoints.has(pathOf(target)) || OWN_HEADERS.some((name) => headers.has(name))) return true;
    return method === 'POST'
      ? values.some((value) => isRecord(value) && 'jsonrpc' in value)
      : method === 'GET' && (headers.get('accept') ?? '').includes('text/event-stream');
  }

  function request(httpRequest: SeenRequest): Violation[] {
    const headers = joinHeaders(httpRequest.headers);
    const value = httpRequest.body === '' ? undefined : parseJson(httpRequest.body);
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    if (!isOurs(httpRequest, headers, values)) return [];
    const path = pathOf(httpRequest.target);
    const isPost = httpRequest.method === 'POST';
    const first = values.find(isRecord);
    const opens = isPost && values.some((one) => isRecord(one) && one.method === 'initialize');
    const versionHeader = headers.get('mcp-protocol-version');
    const claim = (first && revisionInBody(first)) ?? revisionInHeader(versionHeader);
    const isModern = claim?.revision === MODERN || claim?.unknownRevision !== undefined;
    const session = headers.get('mcp-session-id');
    const toOld = endpoints.get(path) === 'old';
    const begins = opens && session === undefined && !toOld;
    const talk = isModern ? sessions.modern : begins ? sessions.open() : sessions.find(session);
    const isOld =
      toOld || (httpRequest.method === 'GET' && !endpoints.has(path) && !headers.has('mcp-session-id'));
    if (isPost && !endpoints.has(path)) endpoints.set(path, 'streamable');

    const talkRevision =
      claim?.own === true || talk.negotiatedRevision === undefined ? undefined : talk.negotiatedRevision;
    const revision =
      talkRevision ?? claim?.revision ?? (claim?.unknownRevision === undefined ? WITHOUT_HEADER : undefined);
    const exchange = createExchange(httpRequest, headers, talk, revision, {
      opens,
      batch: Array.isArray(value),
      old: isOld,
    });
    exchanges.set(httpRequest.id, exchange);
    const lostSession =
      oneClient && session === undefined && !isModern && !sessions.hasEnded(talk.session)
        ? talk.session
        : undefined;
    const violations = isPost ? hearBody(exchange, value, values, httpRequest.body) : [];
    if (revision === undefined) return [];
    const head: Head = {
      by: 'client',
      revision,
      exchange,
      talk,
      target: httpRequest.target,
      batch: Array.isArray(value),
      issuedSession: lostSession,
    };
    return [...judgeHead(head, undefined, ''), ...violations];
  }

  function hearBody(
    exchange: Exchange,
    value: unknown,
    values: readonly unknown[],
    body: string,
  ): Violation[] {
    const { talk, headers } = exchange;
    // Nothing here knows what a later revision demands; its requests are only remembered.
    const revision = exchange.revision ?? MODERN;
    const context = { by: 'client' as const, talk, exchange, revision };
    if (value === undefined) {
      exchange.unreadable = true;
      return hear(undefined, body, context);
    }
    return values.flatMap((one) => {
      const isModern = revision === MODERN && isRecord(one);
      const unknownRevision = isRecord(one) ? revisionInBody(one)?.unknownRevision : undefined;
      count(exchange, one);
      return hear(one, body, context, {
        unknownRevision,
        lacksMeta: isModern && lacksRequiredMeta(one),
        mismatches:
          isModern && typeof one.method === 'string' && 'id' in one
            ? findMismatches(one, unknownRevision ?? revision, headers, talk)
            : [],
      });
    });
  }

  function response(id: number, { status, headers }: SeenResponse): Violation[] {
    const exchange = exchanges.get(id);
    if (exchange === undefined) return [];
    const { talk, revision } = exchange;
    const joinedHeaders = joinHeaders(headers);
    const type = joinedHeaders.get('content-type')?.toLowerCase() ?? '';
    exchange.status = status;
    exchange.content = /^application\/json\s*(;|$)/.test(type)
      ? 'json'
      : type.startsWith('text/event-stream')
        ? 'stream'
        : 'other';
    const session = exchange.headers.get('mcp-session-id');
    const sessionEnded = sessions.hasEnded(session);
    const issuedSession = joinedHeaders.get('mcp-session-id');
    if (exchange.opens && status < 300 && issuedSession !== undefined && talk !== sessions.modern)
      sessions.issue(issuedSession, talk);
    if (exchange.opens && status >= 400) sessions.forget(talk);
    if (exchange.method === 'DELETE' && status < 300 && session !== undefined) sessions.end(session);
    if (revision === undefined) return [];
    const reply: Reply = {
      by: 'server',
      revision,
      exchange,
      talk,
      status,
      headers: joinedHeaders,
      sessionEnded,
    };
    const challengeViolations = judgeChallenge(reply, undefined, '');
    // A legacy server that is tried out with a modern request keeps to its own revision.
    const isUnproven = revision === MODERN && !talk.servesModern;
    return isUnproven ? challengeViolations : [...judgeReply(reply, undefined, ''), ...challengeViolations];
  }

  function message(id: number, text: string): Violation[] {
    const exchange = exchanges.get(id);
    if (exchange === undefined) return [];
    if (!exchange.old || exchange.method !== 'GET' || exchange.hasEndpoint) return judgeBody(exchange, text);
    if (exchange.content !== 'stream' || parseJson(text) !== undefined || text.trim() === '') return [];
    // The `endpoint` event of HTTP with SSE says where to send messages.
    exchange.hasEndpoint = true;
    exchange.talk = sessions.open();
    endpoints.set(pathOf(text.trim()), 'old');
    return [];
  }

  return {
    request,
    response,
    message,
    end(id, complete = false) {
      const exchange = exchanges.get(id);
      exchanges.delete(id);
      return exchange === undefined ? [] : judgeEnd(exchange, complete);
    },
    line: () => [],
  };
}

function revisionInHeader(version: string | undefined): RevisionClaim | undefined {
  if (version === undefined) return undefined;
  return isRevision(version) ? { revision: version, own: false } : undefined;
}

function count(exchange: Exchange, value: unknown): void {
  if (!isRecord(value)) exchange.unreadable = true;
  else if (typeof value.method !== 'string') {
    if ('result' in value || 'error' in value) exchange.responses++;
    else exchange.unreadable = true;
  } else if (!('id' in value)) exchange.notifications++;
  else if (typeof value.id !== 'string' && !Number.isInteger(value.id)) exchange.unreadable = true;
}
