/**
 * The guard of a server: turns the token of a request into a principal, or into a refusal that says what its client can do. Also the
 * documents with which a client finds the way to a token.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index
 */
import { Fault } from '../wire/fault.js';
import type { Principal } from '../wire/principal.js';
import type { RequestHead } from '../wire/server/ports.js';
import type { JsonObject } from '../wire/value.js';
import { Challenges } from './challenge.js';
import {
  metadataPaths,
  metadataUrl,
  type ResourceMetadata,
  readResource,
  resourceIdentifier,
} from './protected-resource.js';
import { InvalidToken, IssuerUnreachable, type TokenProblem } from './token-errors.js';
import { createVerifier, type Verifier, type VerifierOptions } from './verifier.js';

/** One refusal, for the log. Its detail may name audiences and issuers, never a token. */
export type Refusal = {
  status: number;
  reason: TokenProblem | 'missing' | 'malformed_request' | 'unreachable' | 'insufficient_scope';
  detail: string;
};

export type AuthOptions = VerifierOptions & {
  /** What a client should ask for first; by default the scopes of the server's tools. */
  scopes?: readonly string[];
  onRefused?: (refusal: Refusal) => void;
};

export class TokenGuard {
  readonly challenges: Challenges;
  /** Path to JSON text. */
  get documents(): ReadonlyMap<string, string> {
    return this.#documents;
  }
  #documents: ReadonlyMap<string, string> = new Map();
  /** The issuer's metadata, to which clients of 2025-03-26 are redirected (2025-03-26/authorization/010). */
  readonly issuerMetadata: string;
  readonly resource: string;
  readonly issuers: readonly string[];
  readonly verifier: Verifier;
  readonly #name: string;
  readonly #onRefused: (refusal: Refusal) => void;

  /** @throws RangeError when `url` cannot identify a resource, or no issuer is named. */
  constructor(url: string, name: string, scopes: readonly string[], options: AuthOptions) {
    let resource: URL;
    try {
      resource = readResource(url);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`${url} cannot be this server's public URL: ${error.message}`);
    }
    const { issuers } = options;
    const [first] = issuers;
    if (first === undefined) throw new RangeError('expected at least one issuer of tokens');
    this.resource = resourceIdentifier(resource);
    this.issuers = issuers.map(({ issuer }) => issuer);
    this.challenges = new Challenges(metadataUrl(resource), scopes);
    this.#name = name;
    this.offer(scopes);
    this.issuerMetadata = metadataOfIssuer(first.issuer);
    this.verifier = createVerifier(options, this.resource);
    this.#onRefused = options.onRefused ?? (() => {});
  }

  /** Names these scopes to clients from now on, in the metadata and in challenges. */
  offer(scopes: readonly string[]): void {
    const document: ResourceMetadata = {
      resource: this.resource,
      authorization_servers: this.issuers,
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      resource_name: this.#name,
    };
    const text = JSON.stringify(document);
    this.#documents = new Map(metadataPaths(new URL(this.resource)).map((path) => [path, text]));
    this.challenges.scopes = scopes;
  }

  /** Synchronous for a token that was verified a moment ago. A Fault carries its challenge. */
  authenticate({
    rawHeaders,
    url = '/',
    socket,
  }: RequestHead): Principal | Fault | Promise<Principal | Fault> {
    try {
      const bearer = readBearer(rawHeaders, url);
      if (bearer.kind === 'none') return this.#refuse(this.challenges.missing(bearer.why), 'missing');
      if (bearer.kind === 'malformed')
        return this.#refuse(this.challenges.malformed(bearer.why), 'malformed_request');
      const principal = this.verifier.verify(bearer.token, socket?.remoteAddress);
      return principal instanceof Promise
        ? principal.catch((error: unknown) => this.#failed(error))
        : principal;
    } catch (error) {
      return this.#failed(error);
    }
  }

  insufficient(scopes: readonly string[], reason: string, approval?: JsonObject): Fault {
    const fault = this.challenges.insufficient(scopes, reason, approval);
    this.#onRefused({ status: 403, reason: 'insufficient_scope', detail: reason });
    return fault;
  }

  /** Rejects while tokens cannot be checked. */
  ready(): Promise<void> {
    return this.verifier.ready();
  }

  #failed(error: unknown): Fault {
    if (error instanceof InvalidToken)
      return this.#refuse(this.challenges.invalid(error), error.reason, error.message);
    if (!(error instanceof IssuerUnreachable)) throw error;
    const fault = new Fault('unavailable', 'tokens cannot be checked just now; try again', {
      cause: error,
    });
    return this.#refuse(fault, 'unreachable', error.message);
  }

  #refuse(fault: Fault, reason: Refusal['reason'], detail = fault.message): Fault {
    this.#onRefused({ status: fault.status('modern'), reason, detail });
    return fault;
  }
}

function metadataOfIssuer(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}

export type Bearer =
  | { kind: 'token'; token: string }
  /** No token was sent, so the challenge names no error (RFC 6750, section 3.1). */
  | { kind: 'none'; why: string }
  /** The request is wrong with any token: 400 (2026-07-28/authorization/047). */
  | { kind: 'malformed'; why: string };

/** `b64token` of RFC 6750, section 2.1. One expression, because it runs for every request. */
const BEARER = /^[ \t]*bearer +([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;

/**
 * Reads the access token from a request's headers. It comes in one `Authorization: Bearer` header and in no other way.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 * @throws InvalidToken when the token has characters that no token has
 */
export function readBearer(rawHeaders: readonly string[], target: string): Bearer {
  // Query strings end up in logs and histories, so even a valid token is refused there (2026-07-28/authorization/033). Decoded, so that
  // an encoded parameter name is found too.
  if (
    target.includes('?') &&
    new URLSearchParams(target.slice(target.indexOf('?') + 1)).has('access_token')
  ) {
    return {
      kind: 'malformed',
      why: 'a token in the query string is refused; send it as Authorization: Bearer',
    };
  }
  let credentials: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    // node:http shows only the first of several, and a proxy may have read the last.
    if (name?.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (credentials !== undefined)
      return { kind: 'malformed', why: 'expected one Authorization header, received two' };
    credentials = rawHeaders[at + 1] ?? '';
  }
  if (!credentials) return { kind: 'none', why: 'no access token was sent' };
  const token = BEARER.exec(credentials)?.[1];
  if (token !== undefined) return { kind: 'token', token };
  const [scheme = '', rest] = credentials.trim().split(' ');
  if (scheme.toLowerCase() !== 'bearer')
    return { kind: 'none', why: 'expected "Authorization: Bearer", received another scheme' };
  if (rest === undefined) return { kind: 'none', why: 'no access token stands behind "Bearer"' };
  throw new InvalidToken('malformed', 'the token has characters that no token has (RFC 6750, section 2.1)');
}
