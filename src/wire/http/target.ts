/** What a request line asks for. */
import type { IncomingMessage } from 'node:http';

// A target may be a whole URL, whose host then takes the place of the header's (RFC 9112, section 3.2.2).
export function targetOf({ url = '/', headers }: IncomingMessage): {
  host: string | undefined;
  path: string;
} {
  if (url.startsWith('/')) return { host: headers.host, path: beforeQuery(url) };
  const [whole, host = headers.host, path = ''] = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url) ?? [];
  return { host, path: beforeQuery(whole === undefined ? url : path) || '/' };
}

function beforeQuery(path: string): string {
  const at = path.indexOf('?');
  return at === -1 ? path : path.slice(0, at);
}
