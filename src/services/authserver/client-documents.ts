/**
 * Client ID Metadata Documents: clients whose id is the address of their own description. The library reads
 * those at https addresses; this reads those at http addresses on loopback, for clients under development.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { isLoopback } from '../../oauth/protected-resource.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord } from '../../wire/value.js';
import { createGuardedFetch, type Lookup } from '../outbound/guarded-fetch.js';

const CACHE_S = 30;
const MAX_DOCUMENT_BYTES = 5 * 1024;
const MAX_RESPONSE_BYTES = 64 * 1024;
const TIMEOUT_MS = 2_500;

export type Fetch = (address: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** `fetch` as the library wants it. It may reach loopback, where clients under development run. */
export function createDocumentFetch(lookup?: Lookup): Fetch {
  const guardedFetch = createGuardedFetch({ loopback: true }, lookup);
  return async (address, init = {}) => {
    const url = new URL(address instanceof Request ? address.url : address);
    const { status, headers, body } = await guardedFetch(url, {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      signal: init.signal ?? AbortSignal.timeout(TIMEOUT_MS),
      maxBytes: MAX_RESPONSE_BYTES,
    });
    const cacheHeaders = new Headers();
    for (const name of ['cache-control', 'content-type', 'expires']) {
      const value = headers[name];
      if (typeof value === 'string') cacheHeaders.set(name, value);
    }
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers: cacheHeaders });
  };
}

/**
 * Undefined when the id is no http address on loopback. Rejects InvalidClient when its document is invalid.
 */
export function createReadDocument(fetch: Fetch, cache: Adapter) {
  return async (clientId: string): Promise<AdapterPayload | undefined> => {
    if (!isDocumentAddress(clientId)) return undefined;
    const cachedMetadata = await cache.find(clientId);
    if (cachedMetadata) return cachedMetadata;
    const metadata = await fetchMetadata(fetch, clientId);
    await cache.upsert(clientId, metadata, CACHE_S);
    return metadata;
  };
}

function isDocumentAddress(clientId: string): boolean {
  if (!URL.canParse(clientId)) return false;
  const { protocol, hostname, pathname, hash, username, password, href } = new URL(clientId);
  // Only one spelling: with dot segments and the like, one client would have several ids.
  if (href !== clientId || hash !== '' || username !== '' || password !== '') return false;
  return protocol === 'http:' && isLoopback(hostname) && pathname !== '/';
}

async function fetchMetadata(fetch: Fetch, clientId: string): Promise<AdapterPayload> {
  let text: string;
  try {
    const response = await fetch(clientId, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    text = await response.text();
    if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES)
      throw new Error(`it has more than ${MAX_DOCUMENT_BYTES} bytes`);
  } catch (cause) {
    throw new errors.InvalidClient('the client metadata document could not be read', { cause });
  }
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    // The refusal is the same as for a value that is not an object.
  }
  if (!isRecord(document)) throw new errors.InvalidClient('the client metadata document is no JSON object');
  if (document.client_id !== clientId)
    throw new errors.InvalidClient('the client metadata document is of another client_id');
  const { client_secret: _secret, token_endpoint_auth_method: method = 'none', ...metadata } = document;
  if (method !== 'none' && method !== 'private_key_jwt')
    throw new errors.InvalidClient(
      'a client metadata document holds no secret, so its client cannot use one',
    );
  return { ...metadata, token_endpoint_auth_method: method };
}
