/**
 * The read API of the official MCP registry, served from this registry's entries, so that clients written for that one can
 * use this one. Its writes are refused as the published document says. Pure: a path and a query in, a status and a JSON value out.
 *
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/api/openapi.yaml
 */
import type { Entry } from '../entry.js';
import { type NamedEntry, nameEntries } from './names.js';
import { cursorOf, OfficialError, readIncludeDeleted, readParameters } from './parameters.js';
import { metaOf, responsesOf, type ServerResponse } from './server-json.js';

export type ServerList = {
  servers: readonly ServerResponse[];
  metadata: { nextCursor?: string; count: number };
};

/** What the official server sends (RFC 9457), and `error`, which its OpenAPI document names. */
export type Problem = { title: string; status: number; detail: string; error: string };

export type OfficialAnswer = { status: number; body: ServerList | ServerResponse | Problem };

/** The official registry serves the same under both versions. */
const PATH = /^\/v0(?:\.1)?\/servers(?:\/([^/]+)\/versions(?:\/([^/]+))?)?$/;
const TITLES = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  422: 'Unprocessable Entity',
  501: 'Not Implemented',
} as const;

/** The writes of the published document. A registry may leave them out, and then says so with 501. */
const WRITES: readonly [method: string, path: RegExp, what: string][] = [
  ['POST', /^\/v0(?:\.1)?\/publish$/, 'Publishing is'],
  ['PUT', /^\/v0(?:\.1)?\/servers\/[^/]+\/versions\/[^/]+$/, 'Updates are'],
  ['DELETE', /^\/v0(?:\.1)?\/servers\/[^/]+\/versions\/[^/]+$/, 'Deletion is'],
  ['PATCH', /^\/v0(?:\.1)?\/servers\/[^/]+(?:\/versions\/[^/]+)?\/status$/, 'Changing a status is'],
];

/** The refusal of a write that the published document has; undefined for any other request. */
export function unsupportedWrite(
  method: string,
  path: string,
): { status: number; body: Problem } | undefined {
  const write = WRITES.find(([name, pattern]) => name === method && pattern.test(path));
  return write && officialProblem(501, `${write[2]} not supported by this registry`);
}

/** `path` is still percent-encoded, because a name contains a slash. Undefined for a path that is not in this API. */
export function officialAnswer(
  entries: readonly Entry[],
  path: string,
  query: URLSearchParams,
): OfficialAnswer | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [, name, version] = match;
  try {
    const body =
      name === undefined ? listServers(entries, query) : listVersions(entries, name, version, query);
    return { status: 200, body };
  } catch (error) {
    if (!(error instanceof OfficialError)) throw error;
    return officialProblem(error.status, error.message);
  }
}

export function officialProblem(
  status: keyof typeof TITLES,
  detail: string,
): { status: number; body: Problem } {
  return { status, body: { title: TITLES[status], status, detail, error: detail } };
}

/** Sorted by name and then by version, as cursors need it; versions are compared as text. */
function listServers(entries: readonly Entry[], query: URLSearchParams): ServerList {
  const { cursor, limit, search, version, updatedSince, includeDeleted } = readParameters(query);
  const servers: ServerResponse[] = [];
  for (const entry of nameEntries(entries)) {
    if (cursor !== undefined && entry.name < cursor.name) continue;
    const versions = visibleVersions(entry, includeDeleted).sort((left, right) =>
      left.server.version < right.server.version ? -1 : 1,
    );
    for (const one of versions) {
      const { server } = one;
      if (cursor?.name === entry.name && server.version <= cursor.version) continue;
      if (version !== undefined && !hasVersion(one, version)) continue;
      if (updatedSince !== undefined && !(Date.parse(metaOf(one).updatedAt) > updatedSince)) continue;
      if (!`${server.name}\n${server.description}`.toLowerCase().includes(search)) continue;
      const last = servers.at(-1);
      if (last !== undefined && servers.length === limit)
        return { servers, metadata: { nextCursor: cursorOf(last.server), count: limit } };
      servers.push(one);
    }
  }
  return { servers, metadata: { count: servers.length } };
}

/** All versions of a server, or the one that is named. */
function listVersions(
  entries: readonly Entry[],
  encodedName: string,
  encodedVersion: string | undefined,
  query: URLSearchParams,
): ServerList | ServerResponse {
  const name = decode(encodedName, 'server name');
  const version = encodedVersion === undefined ? undefined : decode(encodedVersion, 'version');
  const includeDeleted = readIncludeDeleted(query) === true;
  const entry = nameEntries(entries).find((one) => one.name === name);
  const versions = entry === undefined ? [] : visibleVersions(entry, includeDeleted);
  const match = version === undefined ? versions[0] : versions.find((one) => hasVersion(one, version));
  if (match === undefined) throw new OfficialError(404, 'Server not found');
  return version === undefined ? { servers: versions, metadata: { count: versions.length } } : match;
}

function visibleVersions(entry: NamedEntry, includeDeleted: boolean): ServerResponse[] {
  return responsesOf(entry).filter((one) => includeDeleted || metaOf(one).status !== 'deleted');
}

function hasVersion(one: ServerResponse, version: string): boolean {
  return version === 'latest' ? metaOf(one).isLatest : one.server.version === version;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OfficialError(400, `the ${what} is not percent-encoded UTF-8`);
  }
}
