/**
 * Protected Resource Metadata: the document that tells a client which authorization servers this server trusts. It is
 * served at the well-known URI with the resource's path inserted, and at the root for clients that look there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export type ResourceMetadata = {
  /** The resource identifier, which is also the audience of its tokens (RFC 8707). */
  resource: string;
  authorization_servers: readonly string[];
  scopes_supported: readonly string[];
  bearer_methods_supported: ['header'];
  resource_name?: string;
};

/**
 * Reads a server's public URL as a resource identifier: no query, no fragment, and no slash at the end unless that is the
 * whole path (2026-07-28/authorization/029).
 *
 * @throws RangeError when it is not one, or when tokens for it would travel in the clear
 */
export function readResource(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new RangeError('expected an http or https URL');
  if (text.includes('#') || text.includes('?') || url.username !== '' || url.password !== '')
    throw new RangeError('expected a URL without query, fragment and credentials');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new RangeError(
      'expected https, or http on a loopback address: tokens must not travel in the clear',
    );
  if (url.pathname !== '/' && url.pathname.endsWith('/'))
    throw new RangeError('expected a URL without a slash at its end');
  return url;
}

/** Without the slash of a bare origin: `http://localhost:3002`. */
export function resourceIdentifier(url: URL): string {
  return url.pathname === '/' ? url.origin : url.href;
}

/** The paths of a resource's document; challenges name the first. */
export function metadataPaths({ pathname }: URL): readonly string[] {
  return pathname === '/' ? [WELL_KNOWN] : [`${WELL_KNOWN}${pathname}`, WELL_KNOWN];
}

/** For `resource_metadata` in a challenge. */
export function metadataUrl(resource: URL): string {
  return `${resource.origin}${metadataPaths(resource)[0]}`;
}

/** The same for a listening address, in which IPv6 has no brackets. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopback(host.includes(':') ? `[${host}]` : host);
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** A URL that keys and introspection answers may come from: https, or with `allowsHttp` plain http on this machine. */
export function secureUrl(text: unknown, allowsHttp = true): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && allowsHttp && isLoopback(url.hostname) ? url : undefined;
}
