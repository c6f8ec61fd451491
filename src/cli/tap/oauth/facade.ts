/**
 * Stands in for the authorization servers of the server behind the tap. The client finds them at the tap's address, and asks for a
 * token for the tap; the real one is asked for a token for the real server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../../../lesson/json.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { mapHeader, requestHeaders, without } from '../http/head.js';
import { answering, exchangeWhole, sendWhole, type WholeAnswer } from '../http/whole.js';
import {
  type Addresses,
  facadePath,
  type MetadataPath,
  metadataPath,
  OWN,
  towardsClient,
} from './addresses.js';
import { Callbacks } from './callbacks.js';
import { rewriteChallenge, rewriteIssuer, rewriteResource } from './documents.js';
import { Endpoints, type FacadeOptions } from './endpoints.js';
import { Issuers } from './issuers.js';

/** What answers a request in place of the server. */
export type Route = {
  /** Whether it is OAuth, and no part of the server. */
  isOAuth: boolean;
  run(request: IncomingMessage, response: ServerResponse): void;
};

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';
const MAX_PLACES = 50;
/** Of the tap, for documents that the server keeps elsewhere. */
const PLACES = `${OWN}/resource-metadata`;

export class Facade {
  readonly #issuers: Issuers;
  readonly #callbacks = new Callbacks();
  readonly #endpoints: Endpoints;
  readonly #places = new Map<string, string>();

  constructor(readonly options: FacadeOptions) {
    this.#issuers = new Issuers(options.target);
    this.#endpoints = new Endpoints(options, this.#issuers, this.#callbacks);
  }

  /** Undefined if the server answers the request itself. */
  route(path: string, query: URLSearchParams, addresses: Addresses): Route | undefined {
    const onward = this.#callbacks.onward(query);
    if (onward !== undefined)
      return oauth((_, response) => void response.writeHead(302, { location: onward }).end());
    const metadata = metadataPath(path);
    if (metadata?.issuerPath.startsWith(OWN) === true)
      return oauth((request, response) => this.#issuerDocument(request, response, metadata, addresses));
    const place = this.#places.get(path);
    if (place !== undefined || path === RESOURCE_METADATA || path.startsWith(`${RESOURCE_METADATA}/`)) {
      const to = new URL(place ?? `${path}${query.size > 0 ? `?${query}` : ''}`, this.options.target);
      return {
        isOAuth: false,
        run: (request, response) => this.#resourceDocument(request, response, to, addresses),
      };
    }
    // The server may be its own authorization server, and some clients look for it without asking.
    if (metadata !== undefined)
      return {
        isOAuth: false,
        run: (request, response) => this.#ownIssuer(request, response, path, metadata, addresses),
      };
    if (!path.startsWith(`${OWN}/`)) return undefined;
    return oauth((request, response) => this.#endpoints.answer(request, response, path, query, addresses));
  }

  /** The head of an answer that the server gave itself: what leads to it, or to a token for it, leads to the tap. */
  head(request: IncomingMessage, status: number, headers: string[], addresses: Addresses): string[] {
    if (status === 401 && request.headers.dpop !== undefined)
      this.options.problem(
        `the server refuses a token that is bound to a key (DPoP): the client's proof names the tap and not ${addresses.upstream}. Start the tap with --token-file and a token that is not bound.`,
      );
    const withLocation = mapHeader(
      headers,
      /^location$/i,
      (value) => towardsClient(value, addresses) ?? value,
    );
    if (status !== 401 && status !== 403) return withLocation;
    return mapHeader(withLocation, /^www-authenticate$/i, (value) =>
      rewriteChallenge(value, (url) => this.#place(url, addresses)),
    );
  }

  #place(url: string, addresses: Addresses): string {
    const here = towardsClient(url, addresses);
    if (here !== undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) return here ?? url;
    const knownPath = [...this.#places].find(([, place]) => place === url)?.[0];
    if (knownPath === undefined && this.#places.size >= MAX_PLACES) return url;
    const path = knownPath ?? `${PLACES}/${this.#places.size + 1}`;
    this.#places.set(path, url);
    return addresses.tap + path;
  }

  #resourceDocument(request: IncomingMessage, response: ServerResponse, to: URL, addresses: Addresses): void {
    this.#document(request, response, to, (document) => {
      const { resource, authorization_servers: servers } = document;
      for (const server of Array.isArray(servers) ? servers : [])
        if (typeof server === 'string') this.#issuers.add(server);
      const rewritten = rewriteResource(document, addresses);
      this.options.problem(
        rewritten === undefined
          ? `${to.href} names the resource ${JSON.stringify(resource)}, which is not on ${addresses.upstream}: a client that compares them refuses it, with or without the tap.`
          : `OAuth: the client reads ${addresses.tap} where the metadata names ${addresses.upstream}, and finds the authorization server there, too. That server is asked for tokens for ${resource}.`,
      );
      return rewritten;
    });
  }

  #issuerDocument(
    request: IncomingMessage,
    response: ServerResponse,
    { issuerPath, of }: MetadataPath,
    addresses: Addresses,
  ): void {
    void answering(response, this.options.problem, async () => {
      const issuer = await this.#issuers.find(issuerPath);
      if (issuer === undefined) return void response.writeHead(404, { 'content-length': 0 }).end();
      this.#document(request, response, of(issuer.issuer), (document) => {
        // With another name the client must refuse it, so the name stays.
        if (!isSame(document.issuer, issuer.issuer)) return undefined;
        issuer.metadata = document;
        const facade = addresses.tap + issuerPath;
        return rewriteIssuer(document, facade, facade);
      });
    });
  }

  #ownIssuer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    { issuerPath }: MetadataPath,
    addresses: Addresses,
  ): void {
    this.#document(request, response, new URL(path, this.options.target), (document) => {
      const { issuer: name } = document;
      const issuer = typeof name === 'string' ? this.#issuers.add(name) : undefined;
      if (issuer === undefined) return undefined;
      issuer.metadata = document;
      return rewriteIssuer(document, addresses.tap + issuerPath, addresses.tap + facadePath(issuer.issuer));
    });
  }

  /** Passes a JSON document on, changed unless `rewrite` returns undefined. */
  #document(
    request: IncomingMessage,
    response: ServerResponse,
    to: URL,
    rewrite: (document: JsonObject) => JsonObject | undefined,
  ): void {
    const { upstream, timeoutMs, problem } = this.options;
    void answering(response, problem, async (clientGone) => {
      const { method = 'GET', rawHeaders, socket } = request;
      const headers = without(requestHeaders(rawHeaders, to.host, []), /^accept-encoding$/i);
      const path = to.pathname + to.search;
      const outgoing = upstream.request(to, { client: socket, method, path, headers });
      const answer = await exchangeWhole(outgoing, Buffer.alloc(0), { to, timeoutMs, clientGone });
      sendWhole(response, rewritten(answer, rewrite));
    });
  }
}

function oauth(run: Route['run']): Route {
  return { isOAuth: true, run };
}

function rewritten(
  answer: WholeAnswer,
  rewrite: (document: JsonObject) => JsonObject | undefined,
): WholeAnswer {
  const document = answer.status === 200 ? parseJson(answer.body.toString('utf8')) : undefined;
  const newDocument = isRecord(document) ? rewrite(document) : undefined;
  return newDocument === undefined ? answer : { ...answer, body: Buffer.from(JSON.stringify(newDocument)) };
}

function isSame(one: unknown, other: string): boolean {
  return typeof one === 'string' && one.replace(/\/$/, '') === other.replace(/\/$/, '');
}
