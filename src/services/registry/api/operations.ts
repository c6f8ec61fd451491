/**
 * The API, one row for each operation: this table routes requests and makes the OpenAPI document. Anybody may
 * read, except persons and their reasons. Those, and all writes, need a token with the scope
 * `registry:write`. Over 200 lines because it is one table.
 */
import { hash } from 'node:crypto';
import { canonicalResource } from '../../../oauth/audience.js';
import { isCurrent } from '../../../oauth/discovery.js';
import type { Actor, Entry } from '../entry.js';
import { changeWithoutPersons, viewWithoutPersons } from '../persons.js';
import type { Query } from '../search/types.js';
import type { Site } from '../site.js';
import { RequestError } from '../user-input.js';
import { matchedTools, summaryOf, switchesOfAll, viewOf } from '../view.js';
import { PARAMETERS, type ParameterName, readMembers, readSearch, SEARCH_PARAMETERS } from './parameters.js';
import { type ApiResponse, ok, problem } from './response.js';

export type ApiCall = {
  site: Site;
  /** The parts of the path in braces, decoded. */
  name: string;
  tool: string | undefined;
  query: URLSearchParams;
  body: unknown;
  /** Who calls, where the operation writes. */
  by: Actor;
  /** Whether the caller may see who did something and why. */
  seesPersons: boolean;
  ifNoneMatch: string | undefined;
};

export type Operation = {
  /** Method and path, as OpenAPI writes it: `GET /api/servers/{name}`. */
  route: `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${string}`;
  summary: string;
  query?: readonly ParameterName[];
  /** The schema of the request body. */
  body?: string;
  /** `write`: only with a token. `persons`: without a token, persons and reasons are left out. */
  access?: 'write' | 'persons';
  /** Status to the schema of the body; undefined where there is none. */
  responses: { [status: number]: string | undefined };
  run(call: ApiCall): ApiResponse | Promise<ApiResponse>;
};

/** By operation id. */
export const OPERATIONS: { [id: string]: Operation } = {
  listServers: {
    route: 'GET /api/servers',
    summary: 'All servers, by name.',
    query: ['cursor', 'limit'],
    responses: { 200: 'ServerList' },
    run({ site: { repository }, query }) {
      const limit = PARAMETERS.limit.read(query);
      const entries = repository.entries.after(PARAMETERS.cursor.read(query), limit);
      const servers = entries.map((entry) => summaryOf(entry, repository.contact(entry.address)));
      const last = entries.length < limit ? undefined : entries.at(-1)?.name;
      return ok({ servers, total: repository.entries.size, nextCursor: last });
    },
  },
  addServer: {
    route: 'POST /api/servers',
    summary:
      'Adds a server by the URL of its MCP endpoint or manifest, or by its origin if that has only one server.',
    body: 'NewServer',
    access: 'write',
    responses: { 200: 'Server', 202: 'Server' },
    async run(call) {
      const { url } = readMembers(call.body, { url: 'string' });
      const { entry, added } = await call.site.service.add(url, call.by);
      const location = `/api/servers/${encodeURIComponent(entry.name)}`;
      return { ...serverResponse(call, entry), status: added ? 202 : 200, headers: { location } };
    },
  },
  search: {
    route: 'GET /api/search',
    summary: 'Servers and their tools, best first, with the facets of all servers found.',
    query: SEARCH_PARAMETERS,
    responses: { 200: 'SearchResult' },
    run: ({ site, query }) => ok(searchServers(site, readSearch(query))),
  },
  getServer: {
    route: 'GET /api/servers/{name}',
    summary: 'Everything the registry knows about a server.',
    access: 'persons',
    responses: { 200: 'Server' },
    run: (call) => serverResponse(call, entryOf(call)),
  },
  removeServer: {
    route: 'DELETE /api/servers/{name}',
    summary: 'Removes a server. Its history stays.',
    access: 'write',
    responses: { 204: undefined },
    async run({ site: { service }, name, by }) {
      await service.remove(name, by);
      return { status: 204 };
    },
  },
  getFindings: {
    route: 'GET /api/servers/{name}/findings',
    summary: 'What its last check found, and how to mend it.',
    responses: { 200: 'Findings' },
    run: (call) => ok({ findings: entryOf(call).findings }),
  },
  getHistory: {
    route: 'GET /api/servers/{name}/history',
    summary: 'Everything that happened to it, newest first.',
    query: ['before', 'limit'],
    access: 'persons',
    responses: { 200: 'History' },
    run: (call) => history(call, entryOf(call).address),
  },
  getSwitches: {
    route: 'GET /api/servers/{name}/switches',
    summary: 'Whether it is on, and which of its tools are not.',
    responses: { 200: 'Switches', 304: undefined },
    run: (call) => switches([entryOf(call)], call.ifNoneMatch),
  },
  validate: {
    route: 'POST /api/servers/{name}/validate',
    summary: 'Checks it now, and responds when the check is done.',
    access: 'write',
    responses: { 200: 'Server' },
    run: async (call) => serverResponse(call, await call.site.service.validate(call.name)),
  },
  switchServer: {
    route: 'PUT /api/servers/{name}/switch',
    summary: 'Enables or disables a server. It follows within seconds.',
    body: 'SwitchTo',
    access: 'write',
    responses: { 200: 'Server' },
    run: setSwitch,
  },
  acceptIdentity: {
    route: 'POST /api/servers/{name}/accept',
    summary:
      'Accepts the changed identity of a server, or its changed guidance for models; digest is that of the manifest, or of the guidance, that was reviewed.',
    body: 'Accept',
    access: 'write',
    responses: { 200: 'Server' },
    run: accept,
  },
  switchTool: {
    route: 'PUT /api/servers/{name}/tools/{tool}/switch',
    summary: 'Enables or disables a tool. Its server follows within seconds.',
    body: 'SwitchTo',
    access: 'write',
    responses: { 200: 'Server' },
    run: setSwitch,
  },
  acceptTool: {
    route: 'POST /api/servers/{name}/tools/{tool}/accept',
    summary: 'Accepts the changed definition of a tool; digest is that of the definition that was reviewed.',
    body: 'Accept',
    access: 'write',
    responses: { 200: 'Server' },
    run: accept,
  },
  listFindings: {
    route: 'GET /api/findings',
    summary: 'The findings of all servers.',
    query: ['severity', 'offset', 'limit'],
    responses: { 200: 'FindingList' },
    run({ site: { repository }, query }) {
      const severity = PARAMETERS.severity.read(query);
      const offset = PARAMETERS.offset.read(query);
      const all = [...repository.entries.all()].flatMap(({ name, findings }) =>
        findings
          .filter((finding) => severity === undefined || finding.severity === severity)
          .map((finding) => ({ server: name, ...finding })),
      );
      const findings = all.slice(offset, offset + PARAMETERS.limit.read(query));
      return ok({ total: all.length, findings });
    },
  },
  listHistory: {
    route: 'GET /api/history',
    summary: 'Everything that happened to any server, newest first.',
    query: ['before', 'limit'],
    access: 'persons',
    responses: { 200: 'History' },
    run: (call) => history(call),
  },
  findSwitches: {
    route: 'GET /api/switches',
    summary:
      'The switches of the server at that MCP endpoint: what a server that follows the registry reads.',
    query: ['url'],
    responses: { 200: 'Switches', 304: undefined },
    run({ site: { repository }, query, ifNoneMatch }) {
      const url = canonicalResource(PARAMETERS.url.read(query));
      if (url === undefined)
        return problem(400, 'url: expected the URL of an MCP endpoint', { field: 'url' });
      const entries = repository.entries.switching(url);
      if (entries.length === 0) return problem(404, `no server is known at ${url}`);
      return switches(entries, ifNoneMatch);
    },
  },
};

export function searchServers({ repository }: Site, query: Query) {
  const { total, servers, facets } = repository.search.find(query);
  const summaries = servers.flatMap(({ name, score, tools }) => {
    const entry = repository.entries.byName(name);
    if (entry === undefined) return [];
    const summary = summaryOf(entry, repository.contact(entry.address));
    return { ...summary, score, matched: matchedTools(entry, tools) };
  });
  return { total, servers: summaries, facets };
}

/** @throws RequestError */
function entryOf({ site, name }: ApiCall): Entry {
  const entry = site.repository.entries.find(name);
  if (entry !== undefined) return entry;
  throw new RequestError('unknown', `no server goes by the name ${JSON.stringify(name)}`);
}

function serverResponse({ site: { repository }, seesPersons }: ApiCall, entry: Entry): ApiResponse {
  const view = viewOf(entry, repository.contact(entry.address));
  return ok(seesPersons ? view : viewWithoutPersons(view));
}

async function setSwitch(call: ApiCall): Promise<ApiResponse> {
  const { site, name, tool, body, by } = call;
  const { enabled, reason } = readMembers(body, { enabled: 'boolean', reason: 'string' });
  return serverResponse(call, await site.service.setSwitch(name, { enabled, reason, tool }, by));
}

async function accept(call: ApiCall): Promise<ApiResponse> {
  const { site, name, tool, body, by } = call;
  const { digest, reason } = readMembers(body, { digest: 'string', reason: 'string' });
  return serverResponse(call, await site.service.accept(name, { digest, reason, tool }, by));
}

async function history(call: ApiCall, address?: string): Promise<ApiResponse> {
  const { site, query, seesPersons } = call;
  const limit = PARAMETERS.limit.read(query);
  const before = PARAMETERS.before.read(query);
  const changes = await site.store.history({ ...(address === undefined ? {} : { address }), before, limit });
  const last = changes.length < limit ? undefined : changes.at(-1)?.seq;
  return ok({ changes: seesPersons ? changes : changes.map(changeWithoutPersons), nextBefore: last });
}

/**
 * Each server that follows the registry reads its switches every two seconds: unchanged, they cost little.
 */
function switches(entries: readonly Entry[], ifNoneMatch: string | undefined): ApiResponse {
  const body = { server: entries[0]?.name ?? '', ...switchesOfAll(entries) };
  const digest = hash('sha256', JSON.stringify(body));
  const headers = { etag: `"${digest}"`, 'cache-control': 'no-cache' };
  // A proxy that compresses makes the tag a weak one.
  return isCurrent(ifNoneMatch, digest) ? { status: 304, headers } : ok(body, headers);
}
