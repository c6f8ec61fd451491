/**
 * Where an MCP endpoint's manifest is published: at the well-known path followed by the endpoint's path (RFC 8615; RFC 9728 does
 * the same for metadata), so several servers on one origin have one each. The bare well-known path is for an origin with one
 * server, and for older servers; only the manifest itself says which endpoint it describes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8615#section-3
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.1
 */
import { MANIFEST_PATH, MANIFEST_SCHEMA_PATH } from './schema.js';

/** The paths that serve the manifest, the endpoint's own path first. */
export function manifestPaths({ pathname }: URL): readonly string[] {
  const own = `${MANIFEST_PATH}${pathname}`;
  // That path already serves the schema of manifests.
  return pathname === '/' || own === MANIFEST_SCHEMA_PATH ? [MANIFEST_PATH] : [own, MANIFEST_PATH];
}

export function manifestAddress(endpoint: URL): string {
  return `${endpoint.origin}${manifestPaths(endpoint)[0]}`;
}

/** The manifest of an origin's only server. */
export function originManifestAddress({ origin }: URL): string {
  return `${origin}${MANIFEST_PATH}`;
}

/** The endpoint whose own manifest is at that address; undefined when only the manifest says which endpoint it describes. */
export function endpointAt(address: URL): string | undefined {
  const { origin, pathname } = address;
  if (isBare(pathname) || !pathname.startsWith(`${MANIFEST_PATH}/`)) return undefined;
  return `${origin}${pathname.slice(MANIFEST_PATH.length)}`;
}

/** The manifest's address for any URL of a server: its endpoint, its manifest, or its origin. */
export function manifestAddressFor(url: URL): string {
  const { origin, pathname } = url;
  if (pathname === '/' || isBare(pathname)) return originManifestAddress(url);
  return pathname.startsWith(`${MANIFEST_PATH}/`) ? `${origin}${pathname}` : manifestAddress(url);
}

/** Also with a trailing slash, which people add; and the schema's path, which belongs to no endpoint. */
function isBare(pathname: string): boolean {
  return [MANIFEST_PATH, `${MANIFEST_PATH}/`, MANIFEST_SCHEMA_PATH].includes(pathname);
}
