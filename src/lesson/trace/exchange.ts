/** One traced exchange, masked: what the terminal prints and the pages show. Nothing in it is a secret any more. */
import { type Era, features, isRevision } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Header } from './mask.js';

export type Body = {
  text: string;
  /** As it came or went, with what is not kept of it. */
  bytes: number;
  /** Whether `text` is only the beginning. */
  cut: boolean;
};

export type Verdict = {
  method?: string | undefined;
  revision?: string;
  target?: string | undefined;
  /** Absent where nobody had to decide. */
  allow?: boolean;
  /** Decided, but every call passes: a dry run. */
  unenforced?: true;
  reason?: string;
  policy?: string | undefined;
  needed?: readonly string[];
  user?: string;
  clientId?: string;
  tenant?: string;
  /** As the client calls itself. */
  client?: string | undefined;
  ran?: boolean;
  approvalId?: string | undefined;
  /** The refusal by its name in src/wire/fault.ts, and the text that asks for it. */
  fault?: string;
  spec?: string;
};

/** What was reached, and when: milliseconds after the head was read. */
export type Stage = { name: string; atMs: number };

export type TracedResponse = {
  line: string;
  status: number;
  headers: readonly Header[];
  stream: boolean;
  body: Body;
};

export type Traced = {
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
  state: 'open' | 'done' | 'lost';
};

export function headerOf(headers: readonly Header[], wanted: string): string | undefined {
  return headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
}

/** What the body says as JSON; undefined where it says nothing or is not kept whole. */
export function jsonOf({ text, cut }: Body): unknown {
  if (cut || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function messageOf(traced: Traced): JsonObject | undefined {
  const value = jsonOf(traced.body);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isRecord(first) ? first : undefined;
}

export function methodOf(traced: Traced): string | undefined {
  const method = messageOf(traced)?.method;
  return typeof method === 'string' ? method : undefined;
}

/** What an exchange was about, in few words. */
export function aboutOf(traced: Traced): string {
  const { verb, path, verdicts } = traced;
  const target = verdicts[0]?.target;
  const method = methodOf(traced);
  if (method === undefined) return `${verb} ${path}`;
  return target === undefined ? method : `${method} ${target}`;
}

/** Of which era the notes speak: what the request itself says, whether or not it is right. */
export function eraOf(traced: Traced): Era {
  const version = headerOf(traced.headers, 'mcp-protocol-version');
  const params = messageOf(traced)?.params;
  const meta = isRecord(params) ? params._meta : undefined;
  if (isRecord(meta) && 'io.modelcontextprotocol/protocolVersion' in meta) return 'modern';
  if (isRevision(version)) return features(version).era;
  // Without a body there is no message: a GET, or the way to a token. The newest revision speaks of it.
  return methodOf(traced) === undefined ? 'modern' : 'legacy';
}

/** How long it took, where it is over. */
export function totalMs({ stages }: Traced): number {
  return stages.at(-1)?.atMs ?? 0;
}
