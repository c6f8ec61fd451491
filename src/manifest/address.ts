/**
 * Where the manifest of an MCP endpoint stands: at the well-known path with the endpoint's path behind it (RFC 8615, as RFC 9728
 * does it for metadata), so that several servers on one origin have one each. The bare well-known path is for an origin that
 * has one server, and for servers that know no other; which endpoint it speaks for, only the manifest there tells.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8615#section-3
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.1
 */
import { MANIFEST_PATH, MANIFEST_SCHEMA_PATH } from './schema.js';

/** The paths that hold it, first the one of the endpoint's own. */
export function manifestPaths({ pathname }: URL): readonly string[] {
  const own = `${MANIFEST_PATH}${pathname}`;
  // The schema of manifests stands there already.
  return pathname === '/' || own === MANIFEST_SCHEMA_PATH ? [MANIFEST_PATH] : [own, MANIFEST_PATH];
}

export function manifestAddress(endpoint: URL): string {
  return `${endpoint.origin}${manifestPaths(endpoint)[0]}`;
}

/** The manifest of an origin's only server. */
export function originManifestAddress({ origin }: URL): string {
  return `${origin}${MANIFEST_PATH}`;
}

/** The endpoint whose own manifest stands at that address; undefined where only the manifest tells. */
export function endpointAt(address: URL): string | undefined {
  const { origin, pathname } = address;
  if (isBare(pathname) || !pathname.startsWith(`${MANIFEST_PATH}/`)) return undefined;
  return `${origin}${pathname.slice(MANIFEST_PATH.length)}`;
}

/** The address of the manifest that is meant by any URL of a server: of its endpoint, its manifest, or its origin. */
export function addressMeantBy(url: URL): string {
  const { origin, pathname } = url;
  if (pathname === '/' || isBare(pathname)) return originManifestAddress(url);
  return pathname.startsWith(`${MANIFEST_PATH}/`) ? `${origin}${pathname}` : manifestAddress(url);
}

/** With the slash that people add, and the schema, whose address is no endpoint's. */
function isBare(pathname: string): boolean {
  return [MANIFEST_PATH, `${MANIFEST_PATH}/`, MANIFEST_SCHEMA_PATH].includes(pathname);
}
