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
import { lacksRequiredMeta, type Spoken, spokenInBody } from './revision.js';
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

  function request(seen: SeenRequest): Violation[] {
    const headers = joinHeaders(seen.headers);
    const value = seen.body === '' ? undefined : parseJson(seen.body);
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    if (!isOurs(seen, headers, values)) return [];
    const path = pathOf(seen.target);
    const isPost = seen.method === 'POST';
    const first = values.find(isRecord);
    const opens = isPost && values.some((one) => isRecord(one) && one.method === 'initialize');
    const named = headers.get('mcp-protocol-version');
    const spoken = (first && spokenInBody(first)) ?? spokenInHeader(named);
    const isModern = spoken?.revision === MODERN || spoken?.claimed !== undefined;
    const session = headers.get('mcp-session-id');
    const toOld = endpoints.get(path) === 'old';
    const begins = opens && session === undefined && !toOld;
    const talk = isModern ? sessions.modern : begins ? sessions.open() : sessions.find(session);
    const isOld = toOld || (seen.method === 'GET' && !endpoints.has(path) && !headers.has('mcp-session-id'));
    if (isPost && !endpoints.has(path)) endpoints.set(path, 'streamable');

    const settled = spoken?.own === true || talk.negotiated === undefined ? undefined : talk.negotiated;
    const revision =
      settled ?? spoken?.revision ?? (spoken?.claimed === undefined ? WITHOUT_HEADER : undefined);
    const exchange = createExchange(seen, headers, talk, revision, {
      opens,
      batch: Array.isArray(value),
      old: isOld,
    });
    exchanges.set(seen.id, exchange);
    const lostSession =
      oneClient && session === undefined && !isModern && !sessions.hasEnded(talk.session)
        ? talk.session
        : undefined;
    const found = isPost ? hearBody(exchange, value, values, seen.body) : [];
    if (revision === undefined) return [];
    const head: Head = {
      by: 'client',
      revision,
      exchange,
      talk,
      target: seen.target,
      batch: Array.isArray(value),
      issuedSession: lostSession,
    };
    return [...judgeHead(head, undefined, ''), ...found];
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
      const claimed = isRecord(one) ? spokenInBody(one)?.claimed : undefined;
      count(exchange, one);
      return hear(one, body, context, {
        claimed,
        lacksMeta: isModern && lacksRequiredMeta(one),
        mismatches:
          isModern && typeof one.method === 'string' && 'id' in one
            ? findMismatches(one, claimed ?? revision, headers, talk)
            : [],
      });
    });
  }

  function response(id: number, { status, headers }: SeenResponse): Violation[] {
    const exchange = exchanges.get(id);
    if (exchange === undefined) return [];
    const { talk, revision } = exchange;
    const joined = joinHeaders(headers);
    const type = joined.get('content-type')?.toLowerCase() ?? '';
    exchange.status = status;
    exchange.content = /^application\/json\s*(;|$)/.test(type)
      ? 'json'
      : type.startsWith('text/event-stream')
        ? 'stream'
        : 'other';
    const session = exchange.headers.get('mcp-session-id');
    const sessionEnded = sessions.hasEnded(session);
    const issued = joined.get('mcp-session-id');
    if (exchange.opens && status < 300 && issued !== undefined && talk !== sessions.modern)
      sessions.issue(issued, talk);
    if (exchange.opens && status >= 400) sessions.forget(talk);
    if (exchange.method === 'DELETE' && status < 300 && session !== undefined) sessions.end(session);
    if (revision === undefined) return [];
    const reply: Reply = { by: 'server', revision, exchange, talk, status, headers: joined, sessionEnded };
    const challenged = judgeChallenge(reply, undefined, '');
    // A legacy server that is tried out with a modern request keeps to its own revision.
    const isUnproven = revision === MODERN && !talk.servesModern;
    return isUnproven ? challenged : [...judgeReply(reply, undefined, ''), ...challenged];
  }

  function message(id: number, text: string): Violation[] {
    const exchange = exchanges.get(id);
    if (exchange === undefined) return [];
    if (!exchange.old || exchange.method !== 'GET' || exchange.begun) return judgeBody(exchange, text);
    if (exchange.content !== 'stream' || parseJson(text) !== undefined || text.trim() === '') return [];
    // The `endpoint` event of HTTP with SSE says where to send messages.
    exchange.begun = true;
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

function spokenInHeader(version: string | undefined): Spoken | undefined {
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
