/**
 * The API, one row per operation. Anybody who can reach the registry may read it, except persons and their reasons. Those, and
 * all writes, need a token with the scope `registry:write`. openapi.ts describes the same in full. Over 200 lines because it is
 * one table.
 */
import { hash } from 'node:crypto';
import { canonicalResource } from '../../../oauth/audience.js';
import type { Actor, Entry, Severity } from '../entry.js';
import { changeWithoutPersons, viewWithoutPersons } from '../persons.js';
import type { Site } from '../site.js';
import { matchedTools, summaryOf, switchesOfAll, viewOf } from '../view.js';
import { type ApiResponse, ok, problem } from './answer.js';
import { bodyIn, choice, limitIn, onlyKnown, SEARCH_PARAMETERS, searchIn, whole } from './read.js';

export type ApiRequest = {
  site: Site;
  /** The parts of the path in braces, decoded. */
  name: string;
  tool: string;
  query: URLSearchParams;
  /** Of the body, undefined where there is none. */
  value: unknown;
  /** Who asks, where that matters. */
  by: Actor;
  /** Whether the reader may see who did something and why. */
  seesPersons: boolean;
  ifNoneMatch: string | undefined;
};

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/api/servers/{name}`. */
  path: string;
  parameters?: readonly string[];
  /** What a writing operation reads of its body. */
  body?: true;
  writes?: true;
  /** The answer names persons and reasons if the reader may see them. */
  persons?: true;
  run(asked: ApiRequest): ApiResponse | Promise<ApiResponse>;
};

const MAX_SEQ = Number.MAX_SAFE_INTEGER;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

const one =
  (make: (asked: ApiRequest, entry: Entry) => ApiResponse | Promise<ApiResponse>) => (asked: ApiRequest) => {
    const entry = asked.site.repository.entries.find(asked.name);
    return entry === undefined
      ? problem(404, `no server goes by the name ${JSON.stringify(asked.name)}`)
      : make(asked, entry);
  };
const shown = ({ site: { repository }, seesPersons }: ApiRequest, entry: Entry): ApiResponse => {
  const view = viewOf(entry, repository.contact(entry.address));
  return ok(seesPersons ? view : viewWithoutPersons(view));
};

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/servers',
    parameters: ['cursor', 'limit'],
    run({ site: { repository }, query }) {
      const limit = limitIn(query);
      const entries = repository.entries.after(query.get('cursor') ?? '', limit);
      const servers = entries.map((entry) => summaryOf(entry, repository.contact(entry.address)));
      const last = entries.length < limit ? undefined : entries.at(-1)?.name;
      return ok({
        servers,
        total: repository.entries.size,
        ...(last === undefined ? {} : { nextCursor: last }),
      });
    },
  },
  {
    method: 'POST',
    path: '/api/servers',
    writes: true,
    body: true,
    async run({ site: { service, repository }, value, by }) {
      const { url } = bodyIn(value, { url: 'string' });
      const { entry, added } = await service.add(url, by);
      const location = `/api/servers/${encodeURIComponent(entry.name)}`;
      return {
        status: added ? 202 : 200,
        body: viewOf(entry, repository.contact(entry.address)),
        headers: { location },
      };
    },
  },
  {
    method: 'GET',
    path: '/api/search',
    parameters: SEARCH_PARAMETERS,
    run({ site: { repository }, query }) {
      const { total, servers, facets } = repository.search.find(searchIn(query));
      const found = servers.flatMap(({ name, score, tools }) => {
        const entry = repository.entries.named(name);
        if (entry === undefined) return [];
        return {
          ...summaryOf(entry, repository.contact(entry.address)),
          score,
          matched: matchedTools(entry, tools),
        };
      });
      return ok({ total, servers: found, facets });
    },
  },
  { method: 'GET', path: '/api/servers/{name}', persons: true, run: one(shown) },
  {
    method: 'DELETE',
    path: '/api/servers/{name}',
    writes: true,
    async run({ site: { service }, name, by }) {
      await service.remove(name, by);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/servers/{name}/findings',
    run: one((_asked, { findings }) => ok({ findings })),
  },
  {
    method: 'GET',
    path: '/api/servers/{name}/history',
    parameters: ['before', 'limit'],
    persons: true,
    run: one((asked, { address }) => history(asked, address)),
  },
  {
    method: 'GET',
    path: '/api/servers/{name}/switches',
    run: one(({ ifNoneMatch }, entry) => switches([entry], ifNoneMatch)),
  },
  {
    method: 'POST',
    path: '/api/servers/{name}/validate',
    writes: true,
    run: async (asked) => shown(asked, await asked.site.service.validate(asked.name)),
  },
  {
    method: 'PUT',
    path: '/api/servers/{name}/switch',
    writes: true,
    body: true,
    async run(asked) {
      const given = bodyIn(asked.value, { enabled: 'boolean', reason: 'string' });
      return shown(asked, await asked.site.service.setSwitch(asked.name, given, asked.by));
    },
  },
  {
    method: 'POST',
    path: '/api/servers/{name}/accept',
    writes: true,
    body: true,
    async run(asked) {
      const given = bodyIn(asked.value, { digest: 'string', reason: 'string' });
      return shown(asked, await asked.site.service.accept(asked.name, given, asked.by));
    },
  },
  {
    method: 'PUT',
    path: '/api/servers/{name}/tools/{tool}/switch',
    writes: true,
    body: true,
    async run(asked) {
      const given = { ...bodyIn(asked.value, { enabled: 'boolean', reason: 'string' }), tool: asked.tool };
      return shown(asked, await asked.site.service.setSwitch(asked.name, given, asked.by));
    },
  },
  {
    method: 'POST',
    path: '/api/servers/{name}/tools/{tool}/accept',
    writes: true,
    body: true,
    async run(asked) {
      const given = { ...bodyIn(asked.value, { digest: 'string', reason: 'string' }), tool: asked.tool };
      return shown(asked, await asked.site.service.accept(asked.name, given, asked.by));
    },
  },
  {
    method: 'GET',
    path: '/api/findings',
    parameters: ['severity', 'offset', 'limit'],
    run({ site: { repository }, query }) {
      const severity = choice(query, 'severity', SEVERITIES);
      const [offset, limit] = [whole(query, 'offset', 0, 1_000_000), limitIn(query)];
      const all = [...repository.entries.all()].flatMap(({ name, findings }) =>
        findings
          .filter((found) => severity === undefined || found.severity === severity)
          .map((found) => ({ server: name, ...found })),
      );
      return ok({ total: all.length, findings: all.slice(offset, offset + limit) });
    },
  },
  {
    method: 'GET',
    path: '/api/history',
    parameters: ['before', 'limit'],
    persons: true,
    run: (asked) => history(asked),
  },
  {
    method: 'GET',
    path: '/api/switches',
    parameters: ['url'],
    run({ site: { repository }, query, ifNoneMatch }) {
      const url = canonicalResource(query.get('url') ?? '');
      if (url === undefined)
        return problem(400, 'url: expected the URL of an MCP endpoint', { field: 'url' });
      const entries = repository.entries.switching(url);
      return entries.length === 0
        ? problem(404, `no server is known at ${url}`)
        : switches(entries, ifNoneMatch);
    },
  },
];

async function history(
  { site: { store }, query, seesPersons }: ApiRequest,
  address?: string,
): Promise<ApiResponse> {
  const limit = limitIn(query);
  const before = whole(query, 'before', MAX_SEQ, MAX_SEQ, 1);
  const changes = await store.history({ ...(address === undefined ? {} : { address }), before, limit });
  const last = changes.length < limit ? undefined : changes.at(-1)?.seq;
  const told = seesPersons ? changes : changes.map(changeWithoutPersons);
  return ok({ changes: told, ...(last === undefined ? {} : { nextBefore: last }) });
}

/** Asked every second or two by each server that follows: unchanged, it costs a few bytes. */
function switches(entries: readonly Entry[], ifNoneMatch: string | undefined): ApiResponse {
  const body = { server: entries[0]?.name ?? '', ...switchesOfAll(entries) };
  const etag = `"${hash('sha256', JSON.stringify(body))}"`;
  const headers = { etag, 'cache-control': 'no-cache' };
  return ifNoneMatch === etag ? { status: 304, headers } : ok(body, headers);
}

/** Checks what every operation checks of its query. */
export function checkQuery({ parameters = [] }: Operation, query: URLSearchParams): void {
  onlyKnown(query, parameters);
}
