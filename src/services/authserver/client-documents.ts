/**
 * Client ID Metadata Documents on plain http on loopback, for clients that are being developed on this machine. Those
 * on https are the library's matter; both are fetched by guarded-fetch.ts.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
import { type AdapterPayload, errors } from 'oidc-provider';
import { isLoopback } from '../../oauth/protected-resource.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord } from '../../wire/value.js';
import type { Fetch } from './guarded-fetch.js';

const KEPT_MS = 30_000;
const MAX_KEPT = 100;
const MAX_BYTES = 5 * 1024;

/** Undefined for an id that is no such address; rejects with InvalidClient when what is there is no client. */
export type ReadDocument = (clientId: string) => Promise<AdapterPayload | undefined>;

export function createReadDocument(fetch: Fetch, clock: () => Date): ReadDocument {
  const kept = new Map<string, { metadata: AdapterPayload; until: number }>();
  return async (clientId) => {
    if (!isDocumentAddress(clientId)) return undefined;
    const now = clock().getTime();
    const known = kept.get(clientId);
    if (known !== undefined && known.until > now) return known.metadata;
    kept.delete(clientId);
    const metadata = await read(fetch, clientId);
    for (const oldest of kept.keys()) {
      if (kept.size < MAX_KEPT) break;
      kept.delete(oldest);
    }
    kept.set(clientId, { metadata, until: now + KEPT_MS });
    return metadata;
  };
}

function isDocumentAddress(clientId: string): boolean {
  if (!URL.canParse(clientId)) return false;
  const { protocol, hostname, pathname, hash, username, password, href } = new URL(clientId);
  // One spelling only: dot segments and the like would give one client several ids.
  if (href !== clientId || hash !== '' || username !== '' || password !== '') return false;
  return protocol === 'http:' && isLoopback(hostname) && pathname !== '/';
}

async function read(fetch: Fetch, clientId: string): Promise<AdapterPayload> {
  let text: string;
  try {
    const answer = await fetch(clientId, { headers: { accept: 'application/json' } });
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
    text = await answer.text();
    if (Buffer.byteLength(text) > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
  } catch (cause) {
    throw new errors.InvalidClient('the client metadata document could not be read', { cause });
  }
  const document = parse(text);
  if (document === undefined)
    throw new errors.InvalidClient('the client metadata document is no JSON object');
  if (document.client_id !== clientId) {
    throw new errors.InvalidClient('the client metadata document is of another client_id');
  }
  const { token_endpoint_auth_method: method = 'none' } = document;
  if (method !== 'none' && method !== 'private_key_jwt') {
    throw new errors.InvalidClient(
      'a client metadata document holds no secret, so its client cannot use one',
    );
  }
  const { client_secret: _secret, ...metadata } = document;
  return { ...metadata, token_endpoint_auth_method: method };
}

function parse(text: string): { [name: string]: unknown } | undefined {
  try {
    const value: unknown = parseJson(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
