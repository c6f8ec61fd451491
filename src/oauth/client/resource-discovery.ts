/**
 * Protected Resource Metadata, read by a client: which authorization servers give tokens for this endpoint.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */
import type { JsonObject } from '../../wire/value.js';
import { canonicalResource } from '../audience.js';
import { metadataPaths } from '../protected-resource.js';
import { isScope } from '../scopes.js';
import { AuthorizationError, quoted, toAuthorizationError } from './errors.js';
import type { Outgoing } from './outgoing.js';

export type Resource = {
  /** The resource identifier, exactly as its metadata spells it. */
  identifier: string;
  issuers: readonly string[];
  scopesSupported?: readonly string[];
};

/**
 * From the address that the challenge named, else from the well-known paths in their order (2026-07-28/authorization-server-discovery/006).
 * Undefined when the server has no such metadata, as in revision 2025-03-26.
 *
 * @throws AuthorizationError
 */
export async function discoverResource(
  endpoint: URL,
  metadataUrl: string | undefined,
  { fetchJson, safeUrl }: Outgoing,
): Promise<Resource | undefined> {
  const what = `the metadata of ${endpoint.href}`;
  const urls =
    metadataUrl === undefined
      ? metadataPaths(endpoint).map((path) => new URL(path, endpoint.origin))
      : [safeUrl(metadataUrl, '"resource_metadata" of the challenge')];
  for (const url of urls) {
    const answer = await fetchJson(url).catch((error: unknown) => {
      throw toAuthorizationError(what, error);
    });
    if ('document' in answer) return readResource(answer.document, url, endpoint);
    if (metadataUrl !== undefined) throw new AuthorizationError(`${what} cannot be used: ${answer.problem}`);
  }
  return undefined;
}

function readResource(document: JsonObject, url: URL, endpoint: URL): Resource {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = document;
  if (typeof resource !== 'string' || !covers(resource, endpoint))
    throw new AuthorizationError(
      `${url.href} describes another server: expected "resource" ${endpoint.href}, received ${quoted(resource)}`,
    );
  const issuers = Array.isArray(servers) ? servers.filter((one) => typeof one === 'string') : [];
  if (issuers.length === 0)
    throw new AuthorizationError(`${url.href} names no authorization server in "authorization_servers"`);
  return {
    identifier: resource,
    issuers,
    ...(Array.isArray(scopes) ? { scopesSupported: scopes.filter(isScope) } : {}),
  };
}

/**
 * The resource may be the endpoint itself, or a parent path or the origin, as in the official clients: servers with one
 * endpoint often name their origin.
 */
function covers(resource: string, endpoint: URL): boolean {
  const canonical = canonicalResource(resource);
  if (canonical === undefined) return false;
  const { origin, pathname, search } = new URL(canonical);
  if (origin !== endpoint.origin || search !== '') return false;
  return pathname === endpoint.pathname || endpoint.pathname.startsWith(pathname.replace(/\/?$/, '/'));
}
