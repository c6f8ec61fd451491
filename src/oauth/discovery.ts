/**
 * What needs no token, because it says how to get one: the resource's metadata, and for clients of 2025-03-26 the way to
 * the authorization server's. Beside them what a server says of itself, for whoever looks for servers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Document } from '../app/manifest-documents.js';
import { isCurrent } from '../services/registry/manifest/digest.js';
import { Fault } from '../wire/fault.js';
import { preflightHeaders } from '../wire/http/cors.js';
import { NOSNIFF, sendText } from '../wire/http/reply.js';
import type { Door } from '../wire/server/incoming.js';
import { refuseUnread } from '../wire/server/refuse.js';

type OutgoingHeaders = { [name: string]: string };

export type Discovery = {
  protection: Door | undefined;
  /** Path to document. */
  manifest: ReadonlyMap<string, Document>;
};

const ISSUER_METADATA = '/.well-known/oauth-authorization-server';
const ALLOW = 'GET, HEAD, OPTIONS';

/** Where a client that found no metadata looks (2025-03-26/authorization, fallbacks), and what it wants there. */
const FALLBACKS = new Map([
  ['/register', 'clients register'],
  ['/authorize', 'people sign in'],
  ['/token', 'tokens are issued'],
]);

/** The detail of the 404 for such a path. */
export function whereElse(path: string, protection: Door | undefined): string | undefined {
  const what = FALLBACKS.get(path);
  if (what === undefined) return undefined;
  if (protection === undefined) return `this server asks for no token, so there is no ${path} here`;
  const { issuers, challenges } = protection;
  const at = issuers.length === 1 ? 'at the authorization server' : 'at one of the authorization servers';
  return `${what} ${at} ${issuers.join(', ')}, which ${challenges.resourceMetadata} names`;
}

/** False when there is nothing under that path. */
export function sendDiscovery(
  { protection, manifest }: Discovery,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): boolean {
  const metadata = protection?.documents.get(path);
  const document =
    metadata === undefined
      ? manifest.get(path)
      : { text: metadata, headers: { 'cache-control': 'max-age=300' } };
  const elsewhere = path === ISSUER_METADATA ? protection?.issuerMetadata : undefined;
  if (document === undefined && elsewhere === undefined) return false;
  const { method, headers } = request;
  if (method === 'OPTIONS') {
    // Clients name the revision they speak even here, and a browser asks first whether they may.
    const { origin } = headers;
    response
      .writeHead(204, {
        ...NOSNIFF,
        allow: ALLOW,
        ...(origin === undefined ? {} : preflightHeaders(origin, undefined)),
      })
      .end();
  } else if (method !== 'GET' && method !== 'HEAD') {
    const only = new Fault('methodNotAllowed', `${path} takes ${ALLOW}, received ${method}`);
    void refuseUnread(request, response, only, { ...cors, allow: ALLOW });
  } else if (document !== undefined) {
    sendDocument(document, request, response, cors);
  } else if (elsewhere !== undefined) {
    response.writeHead(307, { ...NOSNIFF, ...cors, location: elsewhere, 'content-length': '0' }).end();
  }
  return true;
}

// Kept by a browser that was no page's, it must not be given to a page: it has not the headers that let one read it.
function sendDocument(
  { text, digest, headers: own }: Document,
  { headers }: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): void {
  const sent = { ...NOSNIFF, vary: 'Origin', ...cors, ...own };
  if (digest !== undefined && isCurrent(headers['if-none-match'], digest))
    response.writeHead(304, sent).end();
  else sendText(response, 200, text, sent);
}
