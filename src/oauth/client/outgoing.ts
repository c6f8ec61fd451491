/**
 * Every request that the client sends to get a token: only to https, or to http on this machine when the endpoint is there
 * too; with a deadline and a size limit; and without following redirects, whose targets nobody checked.
 */
import * as oauth from 'oauth4webapi';
import { createFetchJson, type FetchJson, readText } from '../fetch-json.js';
import { isLoopback, secureUrl } from '../protected-resource.js';
import { AuthorizationError, quoted } from './errors.js';
import type { Settings } from './options.js';

const MAX_BYTES = 1_048_576;

export type Outgoing = {
  /** Fetches a metadata document. */
  fetchJson: FetchJson;
  /** The options of every request through oauth4webapi. */
  request: {
    [oauth.customFetch]: (url: string, init: object) => Promise<Response>;
    [oauth.allowInsecureRequests]: true;
    signal: () => AbortSignal;
  };
  /** @throws AuthorizationError that names `what`, when nothing secret may be sent there */
  safeUrl(text: unknown, what: string): URL;
};

export function createOutgoing(endpoint: URL, settings: Settings): Outgoing {
  const { allowHttp = false, requestMs, signal } = settings;
  const isLocal = isLoopback(endpoint.hostname);

  function safeUrl(text: unknown, what: string): URL {
    const url = secureUrl(text, isLocal) ?? (allowHttp ? plainUrl(text) : undefined);
    if (url !== undefined) return url;
    const local = isLocal ? ', or http on this machine' : '';
    throw new AuthorizationError(`${what}: expected an https URL${local}, received ${quoted(text)}`);
  }
  const send = (address: string | URL, init: RequestInit): Promise<Response> => {
    const url = safeUrl(String(address), 'a request for a token');
    const signals = [init.signal, signal].filter((one) => one instanceof AbortSignal);
    return settings.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
  };
  return {
    safeUrl,
    fetchJson: createFetchJson(send, requestMs),
    request: {
      [oauth.customFetch]: async (url, init) => withBoundedBody(url, await send(url, init)),
      // `send` knows which http is safe.
      [oauth.allowInsecureRequests]: true,
      signal: () => AbortSignal.timeout(requestMs),
    },
  };
}

/** The same response, read up to the limit. */
async function withBoundedBody(url: string, response: Response): Promise<Response> {
  const text = await readText(response, MAX_BYTES);
  if (text === undefined) throw new AuthorizationError(`${url} answered with more than ${MAX_BYTES} bytes`);
  const headers = new Headers(response.headers);
  // The library would prefer this header to the error in the body, which says more.
  headers.delete('www-authenticate');
  const hasBody = ![204, 205, 304].includes(response.status);
  return new Response(hasBody ? text : null, { status: response.status, headers });
}

/** Plain http to any machine; without credentials and fragment, as with https. */
function plainUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isBare = url.username === '' && url.password === '' && url.hash === '';
  return url.protocol === 'http:' && isBare ? url : undefined;
}
