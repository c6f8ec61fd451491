/**
 * The sample pages over HTTP, under the policy of the registry's own pages: what a form sends is kept, and a change can be announced to
 * open pages. `tsx test/registry/page-server.ts 8090` serves them for a look.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { browserFile } from '../../src/pages/reply.js';
import type { Entry } from '../../src/services/registry/entry.js';
import type { Visitor } from '../../src/services/registry/page-view.js';
import type { Query } from '../../src/services/registry/search/types.js';
import { listPage, listViewOf, MANY, problemPage, SERVERS, serverPage, VISITOR } from './page-samples.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export type Sent = { path: string; fields: { [name: string]: string } };

export class PageServer {
  entries: readonly Entry[] = MANY;
  servers = { ...SERVERS };
  visitor: Visitor | undefined = VISITOR;
  /** How often each page was requested. */
  readonly asked: string[] = [];
  readonly sent: Sent[] = [];
  readonly #listening = new Set<ServerResponse>();
  readonly server = createServer((request, response) => this.#answer(request, response));

  get listening(): number {
    return this.#listening.size;
  }

  tell(change: { name: string; address: string; kind?: string }): void {
    const data = JSON.stringify({ seq: 1, at: '2026-03-02T10:00:00Z', kind: 'manifest', ...change });
    for (const response of this.#listening) response.write(`event: change\ndata: ${data}\n\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'POST') void this.#take(request, response, url.pathname);
    else if (url.pathname === '/api/events') this.#listen(response);
    else if (url.pathname === '/style.css')
      send(response, 200, browserFile('base.css') + browserFile('registry.css'), 'text/css');
    else if (url.pathname === '/page.js') send(response, 200, browserFile('page.js'), 'text/javascript');
    else if (url.pathname === '/live.js') send(response, 200, browserFile('registry.js'), 'text/javascript');
    else {
      this.asked.push(url.pathname + url.search);
      const page = this.#page(url);
      send(response, page === undefined ? 404 : 200, page ?? LOST);
    }
  }

  #page({ pathname, searchParams }: URL): string | undefined {
    const { visitor } = this;
    const more = visitor === undefined ? {} : { visitor };
    if (pathname === '/') return listPage(listViewOf(this.entries, queryOf(searchParams), more));
    const name = /^\/servers\/([^/]+)$/.exec(pathname)?.[1];
    const view = name === undefined ? undefined : this.servers[decodeURIComponent(name)]?.();
    if (view === undefined) return undefined;
    const { visitor: _, ...rest } = view;
    return serverPage({ ...rest, ...more });
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    this.#listening.add(response);
    response.on('close', () => this.#listening.delete(response));
  }

  async #take(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    this.sent.push({ path, fields: Object.fromEntries(new URLSearchParams(body)) });
    const back = path === '/servers' ? '/servers/pending' : (/^\/servers\/[^/]+/.exec(path)?.[0] ?? '/');
    response.writeHead(303, { location: back }).end();
  }
}

const LOST = problemPage({ status: 404, title: 'No such server', problem: 'It may have been removed.' });

function queryOf(asked: URLSearchParams): Query {
  const query: Query = {
    q: asked.get('q') ?? '',
    offset: Number(asked.get('offset') ?? 0),
    limit: Number(asked.get('limit') ?? 20),
  };
  const [owner, scope, state] = [asked.get('owner'), asked.get('scope'), asked.get('state')];
  if (owner) query.owner = owner;
  if (scope) query.scope = scope;
  if (state) query.state = state as NonNullable<Query['state']>;
  if (asked.has('destructive')) query.destructive = asked.get('destructive') === 'true';
  return query;
}

function send(response: ServerResponse, status: number, text: string, type = 'text/html'): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(text);
}

if (argv[1] === fileURLToPath(import.meta.url)) new PageServer().server.listen(Number(argv[2] ?? 8090));
