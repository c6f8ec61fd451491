/** Why a call got no result, in lines for a person: what happened, what the server says, and what to do about it. */
import type { Look } from '../../lesson/look.js';
import { AuthorizationError } from '../../oauth/client/errors.js';
import { ClientError, type ClientErrorKind } from '../../wire/client/client-error.js';
import { SchemaRefused } from '../../wire/schema/compile.js';
import { isRecord } from '../../wire/value.js';
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
  if (error instanceof ClientError)
    return {
      code: EXIT.refused,
      lines: [...lines, ...dataLines(error, look), ...adviceOn(error, givenToken)],
    };
  if (error instanceof SchemaRefused) return { code: EXIT.refused, lines };
  return { code: EXIT.refused, lines };
}

/** What a JSON-RPC error has besides its message. */
function dataLines({ code, data }: ClientError, look: Look): string[] {
  const coded = code === undefined ? [] : [look.paint('quiet', `  the server's error code is ${code}`)];
  if (data === undefined || data === null) return coded;
  const pages = isRecord(data) && Array.isArray(data.elicitations) ? data.elicitations.filter(isRecord) : [];
  if (pages.length > 0)
    return [
      ...coded,
      '  The server wants you to open first, and then to call again:',
      ...pages.map(({ url, message }) => `    ${safeLine(url, MAX_DATA)}  ${safeLine(message)}`.trimEnd()),
    ];
  const text = safeText(JSON.stringify(data, null, 2)).slice(0, MAX_DATA);
  return [...coded, ...text.split('\n').map((line) => look.paint('quiet', `  ${line}`))];
}

const TOKEN_ADVICE = [
  '  Without a browser on this machine, use --device. A client that is already registered: --client-id ID.',
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

function adviceOn({ kind, status, code }: ClientError, givenToken: boolean): readonly string[] {
  if (kind === 'unauthorized' && givenToken)
    return status === 401
      ? ['  The token that you gave is not accepted here. Get a new one, or leave it out to sign in.']
      : [
          '  The token that you gave does not allow this. Get one with the scope above, or leave it out to sign in.',
        ];
  if (kind === 'unauthorized')
    return status === 401
      ? ['  There is no token that this server accepts.', ...TOKEN_ADVICE]
      : ['  Your account, or what you agreed to, does not allow this.'];
  if (kind === 'http' && status === 404) return ['  The endpoint of an MCP server often ends with /mcp.'];
  if (kind === 'rpc' && code === 429) return ['  Wait, then call again.'];
  return ADVICE[kind] ?? [];
}
