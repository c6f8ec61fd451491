/** `fetch` as the library of the authorization server wants it, for documents of clients that nobody has met. */
import { createGuardedFetch, type Lookup } from '../outbound/guarded-fetch.js';

const MAX_BYTES = 64 * 1024;
const MAX_MS = 2_500;

export type Fetch = (address: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** This machine may be asked, since clients under development live there. */
export function createDocumentFetch(lookup?: Lookup): Fetch {
  const ask = createGuardedFetch({ loopback: true }, lookup);
  return async (address, init = {}) => {
    const { status, headers, body } = await ask(new URL(address instanceof Request ? address.url : address), {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      signal: init.signal ?? AbortSignal.timeout(MAX_MS),
      maxBytes: MAX_BYTES,
    });
    const told = new Headers();
    for (const name of ['cache-control', 'content-type', 'expires']) {
      const value = headers[name];
      if (typeof value === 'string') told.set(name, value);
    }
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers: told });
  };
}
