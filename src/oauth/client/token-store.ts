/**
 * What the client keeps: registrations, each for one authorization server, and tokens, each for one server and one resource.
 * In memory, and in a file if the person wants tokens to survive.
 */
import { constants, type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { isRecord } from '../../wire/value.js';
import { AuthorizationError } from './errors.js';

/** A client that registered itself. */
export type Registration = {
  clientId: string;
  secret?: string;
  method: string;
  redirectUri?: string;
  /** Milliseconds since 1970. */
  secretExpiresAt?: number;
};

export type Tokens = {
  endpoint: string;
  issuer: string;
  resource: string;
  clientId: string;
  /** Nobody signed in: the client acts for itself. */
  isForClient?: boolean;
  accessToken: string;
  refreshToken?: string;
  /** A little before it expires. Milliseconds since 1970. */
  renewAt?: number;
  /** What was requested, and what was granted. */
  scopes: readonly string[];
};

export type TokenStore = {
  registration(issuer: string): Promise<Registration | undefined>;
  /** Undefined removes it. */
  setRegistration(issuer: string, registration: Registration | undefined): Promise<void>;
  /** The tokens that were stored last for this endpoint, among those that `fit`. */
  tokens(endpoint: string, fit: (tokens: Tokens) => boolean): Promise<Tokens | undefined>;
  setTokens(tokens: Tokens): Promise<void>;
};

type Content = { registrations: Map<string, Registration>; tokens: Map<string, Tokens> };

const MAX_BYTES = 1_048_576;

/** With a path, reads that file once and writes it after each change. */
export function createTokenStore(path: string | undefined): TokenStore {
  let content: Promise<Content> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  const read = (): Promise<Content> => {
    content ??= path === undefined ? Promise.resolve(empty()) : readContent(path);
    return content;
  };
  const change = async (apply: (content: Content) => void): Promise<void> => {
    const current = await read();
    apply(current);
    if (path === undefined) return;
    const write = writing.then(() => writeContent(path, current));
    writing = write.catch(() => undefined);
    await write;
  };
  return {
    registration: async (issuer) => (await read()).registrations.get(issuer),
    setRegistration: (issuer, registration) =>
      change(({ registrations }) => {
        if (registration === undefined) registrations.delete(issuer);
        else registrations.set(issuer, registration);
      }),
    tokens: async (endpoint, fit) =>
      [...(await read()).tokens.values()].findLast((tokens) => tokens.endpoint === endpoint && fit(tokens)),
    setTokens: (tokens) =>
      change(({ tokens: all }) => {
        const key = `${tokens.issuer} ${tokens.resource} ${tokens.clientId}`;
        all.delete(key);
        all.set(key, tokens);
      }),
  };
}

const empty = (): Content => ({ registrations: new Map(), tokens: new Map() });

/** @throws AuthorizationError that names the file, when others may read it or when it is no such file */
async function readContent(path: string): Promise<Content> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty();
    throw new AuthorizationError(`${path} cannot be read`, undefined, { cause: error });
  }
  try {
    const { mode, size } = await file.stat();
    // Windows has no such modes.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new AuthorizationError(`${path} holds tokens and others may read it: expected mode 600`);
    if (size > MAX_BYTES)
      throw new AuthorizationError(`${path} is no token file: it has more than ${MAX_BYTES} bytes`);
    return parseContent(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

function parseContent(text: string, path: string): Content {
  let document: unknown;
  try {
    document = text.trim() === '' ? { registrations: {}, tokens: {} } : JSON.parse(text);
  } catch {
    // The error is the same as for a value of another shape.
  }
  const { registrations, tokens } = isRecord(document) ? document : {};
  if (!isRecord(registrations) || !isRecord(tokens)) throw new AuthorizationError(`${path} is no token file`);
  return {
    registrations: new Map(Object.entries(registrations).filter(isRegistration)),
    tokens: new Map(Object.entries(tokens).filter(isTokens)),
  };
}

function isRegistration(entry: [string, unknown]): entry is [string, Registration] {
  const [, value] = entry;
  return isRecord(value) && isText(value.clientId) && isText(value.method);
}

function isTokens(entry: [string, unknown]): entry is [string, Tokens] {
  const [, value] = entry;
  if (!isRecord(value) || !Array.isArray(value.scopes)) return false;
  return [value.endpoint, value.issuer, value.resource, value.clientId, value.accessToken].every(isText);
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Replaces the file at once: nobody reads half of it, and nobody but its owner reads any of it. */
async function writeContent(path: string, { registrations, tokens }: Content): Promise<void> {
  const document = {
    registrations: Object.fromEntries(registrations),
    tokens: Object.fromEntries(tokens),
  };
  const draft = `${path}.${process.pid}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(document, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
  await rename(draft, path);
}
