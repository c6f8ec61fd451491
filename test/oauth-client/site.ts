/** A protected server for the client's tests: its metadata, and the challenges that it would answer with. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Challenge } from '../../src/client/ports.js';
import { AuthorizationError } from '../../src/oauth/client/errors.js';
import type { Interaction } from '../../src/oauth/client/options.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { authorize, type Decision, PERSON } from '../support/person.js';

export type Answer = { status?: number; headers?: { [name: string]: string }; body?: unknown };
export type Visit = {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  headers: IncomingMessage['headers'];
};

export type Site = {
  origin: string;
  endpoint: URL;
  /** By method and path, such as `GET /.well-known/oauth-protected-resource/mcp`. Others get 404. */
  answers: Map<string, Answer | ((visit: Visit) => Answer)>;
  visits: Visit[];
  /** How often a method and path was asked for. */
  count(name: string): number;
  close(): Promise<void>;
};

export const RESOURCE_METADATA = 'GET /.well-known/oauth-protected-resource/mcp';
export const SERVER_METADATA = 'GET /.well-known/oauth-authorization-server';

export async function openSite(): Promise<Site> {
  const answers: Site['answers'] = new Map();
  const visits: Visit[] = [];
  const server = createServer((request, response) => void answerVisit(request, response));
  async function answerVisit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', headers } = request;
    const visit = { method, path: url.pathname, query: url.searchParams, body, headers };
    visits.push(visit);
    const found = answers.get(`${method} ${url.pathname}`) ?? { status: 404, body: {} };
    const { status = 200, headers: more, body: sent } = typeof found === 'function' ? found(visit) : found;
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(typeof sent === 'string' ? sent : JSON.stringify(sent ?? {}));
  }
  const origin = `http://localhost:${await listen(server, 0, '127.0.0.1')}`;
  return {
    origin,
    endpoint: new URL(`${origin}/mcp`),
    answers,
    visits,
    count: (name) => visits.filter(({ method, path }) => `${method} ${path}` === name).length,
    close: () => close(server, 0),
  };
}

/** What the client rejects with. Any other error is thrown. */
export async function refusalOf(work: Promise<unknown>): Promise<AuthorizationError> {
  const error: unknown = await work.then(
    (value) => new Error(`it was not refused: ${value}`),
    (reason: unknown) => reason,
  );
  if (error instanceof AuthorizationError) return error;
  throw error;
}

/** A 401 as a server sends it. */
export function challenge(endpoint: URL, parameters = '', sent?: string): Challenge {
  return { url: endpoint, status: 401, challenges: [`Bearer ${parameters}`.trim()], sent };
}

/** A 403 that asks for more scopes. */
export function stepUp(endpoint: URL, scope: string, sent?: string): Challenge {
  const challenges = [`Bearer error="insufficient_scope", scope="${scope}"`];
  return { url: endpoint, status: 403, challenges, sent };
}

export type Recorded = Interaction & { lines: string[]; opened: URL[] };

/** A person who signs in at the development authorization server, and whose browser then visits the client. */
export function personAt(decision: Decision = PERSON): Recorded {
  return recorded(async (url) => {
    await (await fetch(await authorize(url.href, decision))).text();
  });
}

/** A browser that follows redirects without a person. */
export function browser(): Recorded {
  return recorded(async (url) => {
    await (await fetch(url)).text();
  });
}

function recorded(open: (url: URL) => Promise<void>): Recorded {
  const lines: string[] = [];
  const opened: URL[] = [];
  return {
    lines,
    opened,
    say: (line) => void lines.push(line),
    open(url) {
      opened.push(url);
      return open(url);
    },
  };
}
