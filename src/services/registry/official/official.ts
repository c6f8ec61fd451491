/**
 * The read API of the official MCP registry over what this registry knows, so that clients written for that one can use
 * this one. Pure: what comes in is a path and a query, and what goes out is a status and a JSON value.
 *
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/api/openapi.yaml
 */
import type { Entry } from '../entry.js';
import { type NamedEntry, nameEntries } from './names.js';
import {
  type Cursor,
  cursorOf,
  type ListParameters,
  readIncludeDeleted,
  readParameters,
} from './parameters.js';
import { metaOf, responsesOf, type ServerResponse } from './server-json.js';

export type ServerList = {
  servers: readonly ServerResponse[];
  metadata: { nextCursor?: string; count: number };
};

/** As the server of the official registry tells it (RFC 9457), and by `error` as its OpenAPI document does. */
export type Problem = { title: string; status: number; detail: string; error: string };

export type OfficialAnswer = { status: number; body: ServerList | ServerResponse | Problem };

const PATH = /^\/v0\.1\/servers(?:\/([^/]+)\/versions(?:\/([^/]+))?)?$/;
const TITLES = { 400: 'Bad Request', 404: 'Not Found', 422: 'Unprocessable Entity' } as const;

/**
 * `path` as it was sent, with its percent signs, since a name has a slash that is written `%2F`. Undefined for a path
 * that is none of this API; the method is the caller's business.
 */
export function officialAnswer(
  entries: readonly Entry[],
  path: string,
  query: URLSearchParams,
): OfficialAnswer | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  if (match[1] === undefined) return listAnswer(entries, query);
  const [name, version] = [decoded(match[1]), match[2] === undefined ? '' : decoded(match[2])];
  if (name === undefined) return problem(400, 'the server name is not percent-encoded UTF-8');
  if (version === undefined) return problem(400, 'the version is not percent-encoded UTF-8');
  const deleted = readIncludeDeleted(query);
  if (deleted.kind === 'refused') return problem(deleted.status, deleted.detail);

  const named = nameEntries(entries).find((one) => one.name === name);
  const versions = named === undefined ? [] : shownOf(named, deleted.value === true);
  if (match[2] === undefined) {
    if (versions.length === 0) return problem(404, 'Server not found');
    return { status: 200, body: { servers: versions, metadata: { count: versions.length } } };
  }
  const found = versions.find((one) => hasVersion(one, version));
  return found === undefined ? problem(404, 'Server not found') : { status: 200, body: found };
}

function listAnswer(entries: readonly Entry[], query: URLSearchParams): OfficialAnswer {
  const read = readParameters(query);
  if (read.kind === 'refused') return problem(read.status, read.detail);
  const { limit } = read.value;
  const page: ServerResponse[] = [];
  for (const one of matching(nameEntries(entries), read.value)) {
    // One more than is shown was found, so there is a next page.
    if (page.length === limit) return listOf(page, page.at(-1)?.server);
    page.push(one);
  }
  return listOf(page);
}

function listOf(servers: readonly ServerResponse[], last?: Cursor): OfficialAnswer {
  const metadata = { ...(last && { nextCursor: cursorOf(last) }), count: servers.length };
  return { status: 200, body: { servers, metadata } };
}

/** By name and then by version, the order that cursors go by; versions are compared as text. */
function* matching(named: readonly NamedEntry[], asked: ListParameters): Generator<ServerResponse> {
  const { cursor, search, version, updatedSince, includeDeleted } = asked;
  for (const one of named) {
    if (cursor !== undefined && one.name < cursor.name) continue;
    const versions = shownOf(one, includeDeleted).sort((left, right) =>
      left.server.version < right.server.version ? -1 : 1,
    );
    for (const each of versions) {
      const { server } = each;
      if (cursor?.name === one.name && server.version <= cursor.version) continue;
      if (version !== undefined && !hasVersion(each, version)) continue;
      if (updatedSince !== undefined && !(Date.parse(metaOf(each).updatedAt) > updatedSince)) continue;
      if (`${server.name}\n${server.description}`.toLowerCase().includes(search)) yield each;
    }
  }
}

function shownOf(named: NamedEntry, includeDeleted: boolean): ServerResponse[] {
  return responsesOf(named).filter((one) => includeDeleted || metaOf(one).status !== 'deleted');
}

function hasVersion(one: ServerResponse, version: string): boolean {
  return version === 'latest' ? metaOf(one).isLatest : one.server.version === version;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function problem(status: keyof typeof TITLES, detail: string): OfficialAnswer {
  return { status, body: { title: TITLES[status], status, detail, error: detail } };
}
