/** Why a call got no result, in lines for a person: what happened, what the server says, and what to do about it. */

import { ClientError, type ClientErrorKind } from '../../client/index.js';
import type { Look } from '../../lesson/look.js';
import { AuthorizationError } from '../../oauth/client/errors.js';
import { FAULTS } from '../../wire/fault.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { WrongUsage } from './invocation.js';
import { safeLine, safeText } from './safe.js';

/** The exit codes of `call` and `list`, as their help lists them. */
export const EXIT = {
  done: 0,
  /** The tool ran and reported an error. */
  toolFailed: 1,
  wrongUsage: 2,
  /** No connection, no token, no MCP, or an error instead of a result. */
  refused: 3,
  interrupted: 130,
} as const;

export type Failure = { code: number; lines: string[] };
/** `givenToken`: the token came from the command line or the environment, and nothing can get a better one. */
export type Circumstances = { interrupted: boolean; givenToken: boolean; look: Look };

const MAX_DATA = 2_000;

export function failureOf(error: unknown, { interrupted, givenToken, look }: Circumstances): Failure {
  if (interrupted) return { code: EXIT.interrupted, lines: ['cancelled'] };
  const message = error instanceof Error ? error.message : String(error);
  const [first = '', ...more] = safeText(message).split('\n');
  const lines = [look.paint('wrong', first), ...more];
  if (error instanceof WrongUsage) return { code: EXIT.wrongUsage, lines };
  if (error instanceof AuthorizationError) return { code: EXIT.refused, lines: [...lines, ...TOKEN_ADVICE] };
  if (!(error instanceof ClientError)) return { code: EXIT.refused, lines };
  const data = dataLines(error).map((line) => look.paint('quiet', line));
  return { code: EXIT.refused, lines: [...lines, ...data, ...adviceOn(error, givenToken)] };
}

/** What a JSON-RPC error has besides its message. */
function dataLines({ code, data, message }: ClientError): string[] {
  const codeLines = code === undefined ? [] : [`  code ${code}`];
  if (data === undefined || data === null) return codeLines;
  const rest = isRecord(data) ? withoutRepeats(data, message) : data;
  if (isRecord(rest) && Object.keys(rest).length === 0) return codeLines;
  const text = safeText(JSON.stringify(rest, null, 2).slice(0, MAX_DATA));
  return [...codeLines, ...text.split('\n').map((line) => `  ${line}`)];
}

/** Servers repeat the message for clients that read only the data, and the words of OAuth that the status says already. */
function withoutRepeats(data: JsonObject, message: string): JsonObject {
  // What a refusal asks for is worth saying even where its message has it.
  const members = Object.entries(data).filter(
    ([name, value]) =>
      (name === 'scope' || !(typeof value === 'string' && message.includes(value))) &&
      name !== 'error' &&
      name !== 'elicitations' &&
      name !== 'resource_metadata',
  );
  return Object.fromEntries(members);
}

const TOKEN_ADVICE = [
  '  Without a browser on this machine, use --device. A client that is registered already: --client-id ID.',
  '  A token from elsewhere: BAREWIRE_TOKEN, or --token-file FILE.',
];

const ADVICE: { [Kind in ClientErrorKind]?: readonly string[] } = {
  redirect: ['  Redirects are not followed, because a token is for one server only.'],
  html: ['  The endpoint of an MCP server often ends with /mcp.'],
  dns: ['  Check the name in the address.'],
  unreachable: ['  Check the port, and whether the server runs.'],
  timeout: ['  --timeout SECONDS waits longer.'],
  proxy: ['  This client does not sign in to proxies.'],
  protocol: ['  --show prints what the server sent.'],
  closed: ['  --show prints what the server sent.'],
  version: ['  --era and --revision choose what is tried.'],
};

/** By the code of the server's error. */
const RPC_ADVICE: { [code: number]: (data: unknown) => readonly string[] } = {
  [FAULTS.missingCapability.code]: (data) => {
    const { requiredCapabilities: capabilities } = isRecord(data) ? data : {};
    const names = isRecord(capabilities) ? Object.keys(capabilities) : [];
    return [
      ...(names.includes('roots') ? ['  --root DIR offers a folder.'] : []),
      ...(names.includes('sampling') ? ['  This client has no model to ask.'] : []),
    ];
  },
  [FAULTS.quotaSpent.code]: () => ['  Wait, then call again.'],
  // A call of this project's own servers that waits for a person; one that was refused names no scope.
  [FAULTS.forbidden.code]: (data) =>
    isRecord(data) && 'approval' in data && 'scope' in data
      ? ['  Once a person has approved it, call again.']
      : [],
};

function adviceOn({ kind, status, code, data }: ClientError, givenToken: boolean): readonly string[] {
  if (kind === 'unauthorized') return givenToken ? givenTokenAdvice(status) : tokenAdvice(status);
  if (kind === 'http' && status === 404) return ['  The endpoint of an MCP server often ends with /mcp.'];
  const pages = pagesOf(data);
  if (pages.length > 0) return ['  Open what the server names, then call again:', ...pages];
  if (kind === 'rpc' && code !== undefined) return RPC_ADVICE[code]?.(data) ?? [];
  return ADVICE[kind] ?? [];
}

function givenTokenAdvice(status: number | undefined): readonly string[] {
  if (status === 401)
    return ['  The token that you gave is not accepted here. Get a new one, or leave it out to sign in.'];
  return [
    '  The token that you gave does not allow this. Get one with the scope above, or leave it out to sign in.',
  ];
}

function tokenAdvice(status: number | undefined): readonly string[] {
  if (status === 401) return ['  There is no token that this server accepts.', ...TOKEN_ADVICE];
  return ['  Your account, or what you agreed to, does not allow this.'];
}

/** The error of 2025-11-25 that names pages to open first (2025-11-25/elicitation/010). */
function pagesOf(data: unknown): string[] {
  const { elicitations } = isRecord(data) ? data : {};
  if (!Array.isArray(elicitations)) return [];
  return elicitations
    .filter(isRecord)
    .map(({ url, message }) => `    ${safeLine(url, MAX_DATA)}  ${safeLine(message)}`.trimEnd());
}
