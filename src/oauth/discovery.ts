/**
 * Serves the documents that need no token, because they say how to get one: the resource's metadata, and for clients of 2025-03-26 a
 * redirect to the authorization server's. Also the manifest of the server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { get as getSecurely } from 'node:https';
import { json } from 'node:stream/consumers';
import { Fault } from '../wire/fault.js';
import type { OutgoingHeaders } from '../wire/http/body.js';
import { NOSNIFF, refuseUnread, sendText } from '../wire/http/body.js';
import { preflightHeaders } from '../wire/http/head.js';
import { http } from '../wire/http/node-http.js';
import type { RouteHandler } from '../wire/server/ports.js';

import { isRecord } from '../wire/value.js';
import type { TokenGuard } from './protection.js';

/** A text that anybody may read, in the form in which it is sent. */
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
    const { method, headers } = request;
    if (document === undefined && issuer === undefined) {
      const detail = whereElse(path, tokens);
      if (detail === undefined) return false;
      void refuseUnread(response, new Fault('notFound', detail), cors);
    } else if (method === 'OPTIONS') {
      // Clients name the revision that they speak even here, and a browser asks first whether they may.
      const preflight = headers.origin === undefined ? {} : preflightHeaders(headers.origin, undefined);
      response.writeHead(204, { ...NOSNIFF, allow: ALLOW, ...preflight }).end();
    } else if (method !== 'GET' && method !== 'HEAD') {
      const only = new Fault('methodNotAllowed', `${path} takes ${ALLOW}, received ${method}`);
      void refuseUnread(response, only, { ...cors, allow: ALLOW });
    } else if (document !== undefined) {
      sendDocument(document, request, response, cors);
    } else if (issuer !== undefined) {
      response.writeHead(307, { ...NOSNIFF, ...cors, location: issuer, 'content-length': '0' }).end();
    }
    return true;
  };
}

// A browser that cached a response to no page must not give it to a page, because it lacks the headers that let the page read it.
function sendDocument(
  { text, digest, headers: own }: Document,
  { headers }: IncomingMessage,
  response: ServerResponse,
  cors: OutgoingHeaders | undefined,
): void {
  const allHeaders = { ...NOSNIFF, vary: 'Origin', ...cors, ...own };
  if (digest !== undefined && isCurrent(headers['if-none-match'], digest))
    response.writeHead(304, allHeaders).end();
  else sendText(response, 200, text, allHeaders);
}

/** Whether `If-None-Match` names the digest, so that 304 is the answer. Strong and weak tags compare alike there. */
export function isCurrent(ifNoneMatch: string | undefined, digest: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(/"([^"]*)"/g)].some(([, tag]) => tag === digest);
}

/**
 * Checks at start that clients find the documents that challenges name: a client that does not could never get a token.
 * @throws Error that says which document is missing, and what is there instead
 */
export async function checkOwnMetadata(
  address: string,
  { documents, resource }: Pick<TokenGuard, 'documents' | 'resource'>,
): Promise<void> {
  // The name that clients use may differ from the address.
  const { host } = new URL(resource);
  const checks = [...documents.keys()].map(async (path) => {
    const url = new URL(path, address.replace(/\/\/(0\.0\.0\.0|\[::\])/, '//localhost'));
    const options = { headers: { host }, agent: false, signal: AbortSignal.timeout(5_000) };
    // It asks itself and sends nothing secret, so the certificate may be for another name than localhost.
    const request =
      url.protocol === 'https:'
        ? getSecurely(url, { ...options, rejectUnauthorized: false })
        : http.get(url, options);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const status = response.statusCode ?? 0;
    const document: unknown = await json(response).catch(() => undefined);
    const describedResource = isRecord(document) ? document.resource : undefined;
    if (status === 200 && describedResource === resource) return;
    const description =
      typeof describedResource === 'string' ? `the metadata of ${describedResource}` : 'something else';
    const received = status === 200 ? description : `HTTP ${status}`;
    throw new Error(`${url} should describe ${resource}, received ${received}`);
  });
  await Promise.all(checks);
}
