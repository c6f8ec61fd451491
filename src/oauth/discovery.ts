/**
 * What needs no token, because it says how to get one: the resource's metadata, and for clients of 2025-03-26 the way to
 * the authorization server's. Beside them what a server says of itself, for whoever looks for servers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../wire/fault.js';
import { NOSNIFF, refuseUnread, sendText } from '../wire/http/body.js';
import { preflightHeaders } from '../wire/http/head.js';
import type { OutgoingHeaders, RouteHandler } from '../wire/server/ports.js';

import type { TokenGuard } from './protection.js';

/** A text that anybody may read, as it is sent. */
export type Document = { text: string; digest?: string; headers: OutgoingHeaders };

const ISSUER_METADATA = '/.well-known/oauth-authorization-server';
const ALLOW = 'GET, HEAD, OPTIONS';

/** Where a client that found no metadata looks (2025-03-26/authorization, fallbacks), and what it wants there. */
const FALLBACKS = new Map([
  ['/register', 'clients register'],
  ['/authorize', 'people sign in'],
  ['/token', 'tokens are issued'],
]);

/** The detail of the 404 for such a path. */
function whereElse(path: string, tokens: TokenGuard | undefined): string | undefined {
  const what = FALLBACKS.get(path);
  if (what === undefined) return undefined;
  if (tokens === undefined) return `this server asks for no token, so there is no ${path} here`;
  const { issuers, challenges } = tokens;
  const at = issuers.length === 1 ? 'at the authorization server' : 'at one of the authorization servers';
  return `${what} ${at} ${issuers.join(', ')}, which ${challenges.resourceMetadata} names`;
}

/** Serves the metadata of the resource, and `documents` beside it, by path. */
export function discoveryRoute(
  tokens: TokenGuard | undefined,
  documents: ReadonlyMap<string, Document>,
): RouteHandler {
  return (request, response, path, cors) => {
    const metadata = tokens?.documents.get(path);
    const document =
      metadata === undefined
        ? documents.get(path)
        : { text: metadata, headers: { 'cache-control': 'max-age=300' } };
    const issuer = path === ISSUER_METADATA ? tokens?.issuerMetadata : undefined;
    if (document === undefined && issuer === undefined) {
      const detail = whereElse(path, tokens);
      if (detail === undefined) return false;
      void refuseUnread(response, new Fault('notFound', detail), cors);
      return true;
    }
    send(document, issuer, path, request, response, cors);
    return true;
  };
}

function send(
  document: Document | undefined,
  issuer: string | undefined,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): void {
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
    void refuseUnread(response, only, { ...cors, allow: ALLOW });
  } else if (document !== undefined) {
    sendDocument(document, request, response, cors);
  } else if (issuer !== undefined) {
    response.writeHead(307, { ...NOSNIFF, ...cors, location: issuer, 'content-length': '0' }).end();
  }
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

/** Whether `If-None-Match` names the digest, so that 304 is the answer. Strong and weak tags compare alike there. */
export function isCurrent(ifNoneMatch: string | undefined, digest: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(/"([^"]*)"/g)].some(([, tag]) => tag === digest);
}
