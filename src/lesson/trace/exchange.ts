/** One traced exchange, as the terminal prints it and the pages show it. It is masked: it contains no secrets. */
import { type Era, isRevision, REVISIONS } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Topic } from '../annotations/annotations.js';
import { isWebPath } from '../annotations/web.js';
import { parseJson } from '../json.js';
import { type Header, headerOf } from './headers.js';

export type Body = {
  text: string;
  /** The full size, including what is not stored in `text`. */
  bytes: number;
  /** Whether `text` is only the beginning. */
  cut: boolean;
  /** An HTML page, of which only the size is stored. */
  isPage?: true;
  /** The parts in which the body was written or arrived, at most the first ones. */
  parts?: readonly BodyPart[];
};

/** The bytes of a part on the wire, and the characters of its masked text, if it was masked by itself. */
export type BodyPart = { bytes: number; characters?: number };

/** The server whose exchanges are OAuth, not MCP. */
export const AUTHSERVER = 'authserver';

export type Verdict = {
  method?: string | undefined;
  revision?: string;
  target?: string | undefined;
  /** Absent if there was nothing to decide. */
  allow?: boolean;
  /** What an authorization server did: there it is not policy that decides. */
  outcome?: string;
  /** A dry run: the policy decided, but every call passes. */
  unenforced?: true;
  reason?: string;
  policy?: string | undefined;
  needed?: readonly string[];
  user?: string;
  clientId?: string;
  tenant?: string;
  /** The name the client gives itself. */
  client?: string | undefined;
  ran?: boolean;
  approvalId?: string | undefined;
  /** The name of the refusal in src/wire/fault.ts, and the document that requires it. */
  fault?: string;
  spec?: string;
};

/** A stage that the exchange reached; `atMs` counts from reading the head. */
export type Stage = { name: string; atMs: number };

/** A clause of the specification that one side violated, as far as others can see. */
export type Finding = {
  /** An id in spec-fixtures/requirements.json. */
  clause: string;
  side: 'client' | 'server';
  where: string;
  expected: string;
  received: string;
};

export type TracedResponse = {
  line: string;
  status: number;
  headers: readonly Header[];
  stream: boolean;
  body: Body;
};

export type TracedExchange = {
  number: number;
  /** ISO 8601. */
  time: string;
  server: string;
  /** Address and port. */
  client: string;
  line: string;
  verb: string;
  path: string;
  headers: readonly Header[];
  body: Body;
  token: { header: unknown; claims: unknown } | undefined;
  answer: TracedResponse | undefined;
  stages: readonly Stage[];
  verdicts: readonly Verdict[];
  /** Where somebody looks for violations instead of deciding. */
  findings?: readonly Finding[];
  /** On stdio there are no heads, and either side may begin: who sent the first message. */
  stdio?: 'client' | 'server';
  state: 'open' | 'done' | 'lost';
};

/** Undefined if the body is empty, is not JSON or was cut. */
export function jsonOf({ text, cut }: Body): unknown {
  return cut ? undefined : parseJson(text);
}

export function messageOf(exchange: TracedExchange): JsonObject | undefined {
  const value = jsonOf(exchange.body);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isRecord(first) ? first : undefined;
}

export function methodOf(exchange: TracedExchange): string | undefined {
  const method = messageOf(exchange)?.method;
  return typeof method === 'string' ? method : undefined;
}

export type Outcome = { text: string; tone: 'good' | 'bad' | 'warn' | '' };

/** How it ended, in a word. On stdio nothing has a status. */
export function outcomeOf({ stdio, state, answer }: TracedExchange): Outcome {
  if (state === 'lost') return { text: 'lost', tone: 'warn' };
  if (stdio === undefined) {
    if (answer === undefined) return { text: '…', tone: '' };
    return { text: String(answer.status), tone: answer.status < 400 ? 'good' : 'bad' };
  }
  if (answer === undefined) return { text: state === 'open' ? '…' : 'sent', tone: '' };
  const message = jsonOf(answer.body);
  return isRecord(message) && 'error' in message
    ? { text: 'error', tone: 'bad' }
    : { text: 'result', tone: 'good' };
}

/** What the exchange was about, in a few words. */
export function aboutOf(exchange: TracedExchange): string {
  const { verb, path, verdicts } = exchange;
  const target = verdicts[0]?.target;
  const method = methodOf(exchange);
  if (method === undefined) return [verb, path, grantOf(exchange)].join(' ').trim();
  return target === undefined ? method : `${method} ${target}`;
}

/** What a client exchanges for a token, such as `authorization_code`; empty if it asks for something else. */
function grantOf({ server, body }: TracedExchange): string {
  const [, grant = ''] =
    (server === AUTHSERVER && /(?:^|&)grant_type=(?:[\w%.-]*(?:%3A|:))?(\w{1,40})/i.exec(body.text)) || [];
  return grant;
}

/** The era whose notes apply, according to the request itself, even if it is wrong. */
export function eraOf(exchange: TracedExchange): Era {
  const version = headerOf(exchange.headers, 'mcp-protocol-version');
  const params = messageOf(exchange)?.params;
  const meta = isRecord(params) ? params._meta : undefined;
  if (isRecord(meta) && 'io.modelcontextprotocol/protocolVersion' in meta) return 'modern';
  if (isRevision(version)) return REVISIONS[version].era;
  // Only legacy clients have sessions.
  if (headerOf(exchange.headers, 'mcp-session-id') !== undefined) return 'legacy';
  // A request without a message, such as a GET or the way to a token, gets the notes of the newest revision.
  return methodOf(exchange) === undefined ? 'modern' : 'legacy';
}

/** Which notes apply. */
export function topicOf(exchange: TracedExchange): Topic {
  if (exchange.server === AUTHSERVER) return 'oauth';
  return isWebPath(exchange.path) ? 'web' : eraOf(exchange);
}

/** How long the exchange took. */
export function totalMs({ stages }: Pick<TracedExchange, 'stages'>): number {
  return stages.at(-1)?.atMs ?? 0;
}
