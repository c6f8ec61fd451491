/** The flags of the commands that speak to other people's servers: how to get in, what to send along, and what to speak. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TokenSource } from '../../client/index.js';
import type { Interaction } from '../../oauth/client/options.js';
import { createTokenSource } from '../../oauth/client/token-source.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import { type Era, isRevision, REVISIONS, type Revision, SUPPORTED } from '../../wire/revisions.js';
import { stateFolderOf } from '../settings/config.js';
import type { SettingType } from '../settings/setting.js';
import { optional, WrongSetting } from '../settings/setting.js';
import { type Environment, type Flags, findSource, type Warn } from '../settings/sources.js';

const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
export const CLIENT_FLAGS = {
  header: { type: 'string', multiple: true },
  token: TEXT,
  'token-file': TEXT,
  'client-id': TEXT,
  'client-secret': TEXT,
  'client-secret-file': TEXT,
  'client-metadata-url': TEXT,
  'client-credentials': SWITCH,
  scope: TEXT,
  device: SWITCH,
  'no-store': SWITCH,
  'allow-http': SWITCH,
  era: TEXT,
  revision: TEXT,
  timeout: TEXT,
} as const;

export const clientHelp = (
  timeoutS = DEFAULT_TIMEOUT_S,
): string => `Authorization, if the server asks for it (the default: sign in with the browser):
  --device                  sign in with a browser on any machine, with a code
  --client-id ID            a client that is registered already; its secret: BAREWIRE_CLIENT_SECRET or
  --client-secret-file FILE
  --client-metadata-url URL a client that this document describes, where the server accepts such clients
  --client-credentials      the client acts for itself, and nobody signs in
  --scope 'A B'             the scopes to ask for; by default those that the server names
  --token-file FILE         send this access token; also BAREWIRE_TOKEN (others can see --token T)
  --no-store                keep no tokens for the next run
  --allow-http              send tokens unencrypted to another machine, too

What is sent:
  --header 'Name: value'    with each request; repeat it for more, or --header @FILE with one per line
  --era modern|legacy       modern begins with server/discover, legacy with initialize; by default both
  --revision DATE           one revision only: ${SUPPORTED.join(', ')}
  --timeout SECONDS         how long the server may be silent (default: ${timeoutS})`;

const SECRET: SettingType<string> = { placeholder: 'SECRET', secret: true, read: (text) => text };
/** Settings of these commands alone: each has its variable. */
const TOKEN = optional('token', SECRET, { help: 'the access token' });
const CLIENT_SECRET = optional('client-secret', SECRET, { help: 'the secret of the client' });
export const CLIENT_SECRETS = [TOKEN, CLIENT_SECRET];
const [DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S] = [60, 3_600];
const SECRET_NAME = /^(proxy-)?authorization$|cookie|token|secret|api-?key/i;

/** How a command reaches the person at its terminal. `fetch` may show the requests for a token. */
export type Person = { interaction: Interaction; signal: AbortSignal; fetch?: typeof fetch | undefined };

export type ClientSettings = {
  headers: readonly (readonly [name: string, value: string])[];
  era: Era | undefined;
  revision: Revision | undefined;
  timeoutMs: number;
  /** The access token came from the user: no sign-in can get a better one. */
  givenToken: boolean;
  tokens(endpoint: URL, person: Person): TokenSource | undefined;
};

/** @throws WrongSetting */
export function readClientFlags(flags: Flags, environment: Environment, warn: Warn): ClientSettings {
  const headers = headersOf(flags.header, warn);
  for (const { flag, variable } of [TOKEN, CLIENT_SECRET])
    if (flags[flag] !== undefined)
      warn(
        `--${flag}: every program on this machine can read it there; ${variable} or --${flag}-file hides it`,
      );
  const token = findSource(TOKEN, flags, environment, warn);
  const authorization = headers.some(([name]) => name.toLowerCase() === 'authorization');
  if (authorization && token !== undefined)
    throw new WrongSetting(`${token.origin} and --header: expected one Authorization, received both`);
  return {
    headers,
    ...versionsOf(flags),
    timeoutMs: timeoutOf(flags.timeout),
    givenToken: authorization || token !== undefined,
    tokens(endpoint, person) {
      if (authorization) return undefined;
      if (token !== undefined) {
        refusePlaintext(token.origin, endpoint, flags);
        return { token: async () => token.text, answer: async () => undefined };
      }
      return signIn(endpoint, flags, environment, { ...person, warn });
    },
  };
}

function signIn(
  endpoint: URL,
  flags: Flags,
  environment: Environment,
  { warn, ...person }: Person & { warn: Warn },
): TokenSource {
  const clientId = textOf(flags['client-id']);
  const own = flags['client-credentials'] === true;
  if (own && flags.device === true)
    throw new WrongSetting('--device and --client-credentials: expected one of them, received both');
  return createTokenSource(endpoint, {
    ...person,
    grant: own ? 'client_credentials' : flags.device === true ? 'device' : 'code',
    clientId,
    clientMetadataUrl: textOf(flags['client-metadata-url']),
    // The secret of one client says nothing about another.
    clientSecret:
      clientId === undefined ? undefined : findSource(CLIENT_SECRET, flags, environment, warn)?.text,
    scopes: textOf(flags.scope)
      ?.split(/[\s,]+/)
      .filter((scope) => scope !== ''),
    allowHttp: flags['allow-http'] === true,
    tokenFile: flags['no-store'] === true ? undefined : tokenFile(environment),
  });
}

/** Beside what the servers keep; only its owner may read it. */
function tokenFile(environment: Environment): string {
  const path = join(
    stateFolderOf({ stateHome: environment.XDG_STATE_HOME || undefined }),
    'client-tokens.json',
  );
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

function refusePlaintext(origin: string, endpoint: URL, flags: Flags): void {
  if (endpoint.protocol === 'https:' || isLoopback(endpoint.hostname) || flags['allow-http'] === true) return;
  throw new WrongSetting(
    `${origin}: expected an https URL to send the token to, received ${endpoint.origin}; --allow-http sends it all the same`,
  );
}

function headersOf(flag: unknown, warn: Warn): [string, string][] {
  const texts = Array.isArray(flag) ? flag.filter((text) => typeof text === 'string') : [];
  return texts.flatMap((text) => {
    if (text.startsWith('@'))
      return headerLines(text.slice(1)).map((line) => headerOf(line, '--header @FILE'));
    const header = headerOf(text, '--header');
    if (SECRET_NAME.test(header[0]))
      warn(`--header ${header[0]}: every program on this machine can read it there; --header @FILE hides it`);
    return [header];
  });
}

function headerLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new WrongSetting(
      `--header @${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`,
    );
  }
}

function headerOf(line: string, origin: string): [string, string] {
  const colon = line.indexOf(':');
  const [name, value] = [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
  // The value may be a secret, so no message repeats it.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new WrongSetting(`${origin}: expected 'Name: value'`);
  return [name, value];
}

function versionsOf({ era, revision }: Flags): Pick<ClientSettings, 'era' | 'revision'> {
  if (era !== undefined && era !== 'modern' && era !== 'legacy')
    throw new WrongSetting(`--era: expected modern or legacy, received ${JSON.stringify(era)}`);
  if (revision === undefined) return { era, revision };
  if (!isRevision(revision))
    throw new WrongSetting(
      `--revision: expected ${SUPPORTED.join(' or ')}, received ${JSON.stringify(revision)}`,
    );
  if (era !== undefined && REVISIONS[revision].era !== era)
    throw new WrongSetting(`--era and --revision: ${revision} is ${REVISIONS[revision].era}, not ${era}`);
  return { era, revision };
}

function timeoutOf(text: unknown): number {
  if (text === undefined) return DEFAULT_TIMEOUT_S * 1000;
  const seconds = Number(text);
  if (typeof text === 'string' && /^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= MAX_TIMEOUT_S)
    return seconds * 1000;
  throw new WrongSetting(`--timeout: expected seconds, up to ${MAX_TIMEOUT_S}, received "${text}"`);
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
