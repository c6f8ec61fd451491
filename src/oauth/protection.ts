/**
 * What stands between a request and the server: the token in its head becomes a principal, or the request is refused
 * with what its client can do about that. Also the documents that let a client find the way there by itself.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/index
 */

import { Fault } from '../wire/fault.js';
import type { Principal } from '../wire/principal.js';
import type { JsonObject } from '../wire/value.js';
import { readBearer } from './bearer.js';
import { Challenges } from './challenge.js';
import {
  metadataPaths,
  metadataUrl,
  type ResourceMetadata,
  readResource,
  resourceIdentifier,
} from './protected-resource.js';
import { KeysUnreachable, type TokenProblem, TokenRefused } from './token-refused.js';
import { createVerifier, type Verifier, type VerifierOptions } from './verifier.js';

/** One refusal at the door, for the log: its detail may name audiences and issuers, never a token. */
export type Refusal = {
  status: number;
  reason: TokenProblem | 'missing' | 'malformed_request' | 'unreachable' | 'insufficient_scope';
  detail: string;
};

/** Of a request, as node:http gives it. */
type RequestHead = {
  rawHeaders: readonly string[];
  url?: string | undefined;
  socket?: { remoteAddress?: string | undefined };
};

export type AuthOptions = VerifierOptions & {
  /** What a client should ask for at first; the scopes of the server's tools unless given. */
  scopes?: readonly string[];
  onRefused?: (refusal: Refusal) => void;
};

/** When a client may try again while the authorization server cannot be asked, seconds. */
const RETRY_AFTER_S = 5;

export class TokenGuard {
  readonly challenges: Challenges;
  /** Path to JSON text. */
  readonly documents: ReadonlyMap<string, string>;
  /** Where clients of 2025-03-26 look is led to the authorization server (2025-03-26/authorization/010). */
  readonly issuerMetadata: string | undefined;
  readonly resource: string;
  readonly issuers: readonly string[];
  readonly verifier: Verifier;
  readonly #onRefused: (refusal: Refusal) => void;

  /** @throws RangeError when `url` cannot identify a resource, or no issuer is named. */
  constructor(url: string, name: string, scopes: readonly string[], options: AuthOptions) {
    const resource = readPublic(url);
    const { issuers } = options;
    if (issuers.length === 0) throw new RangeError('expected at least one issuer of tokens');
    this.resource = resourceIdentifier(resource);
    this.issuers = issuers.map(({ issuer }) => issuer);
    this.challenges = new Challenges(metadataUrl(resource), scopes);
    const document: ResourceMetadata = {
      resource: this.resource,
      authorization_servers: this.issuers,
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      resource_name: name,
    };
    const text = JSON.stringify(document);
    this.documents = new Map(metadataPaths(resource).map((path) => [path, text]));
    this.issuerMetadata = issuers[0] && metadataOfIssuer(issuers[0].issuer);
    this.verifier = createVerifier(options, this.resource);
    this.#onRefused = options.onRefused ?? (() => {});
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
      const found = this.verifier.verify(bearer.token, socket?.remoteAddress);
      return found instanceof Promise ? found.catch((error: unknown) => this.#failed(error)) : found;
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
    if (error instanceof TokenRefused)
      return this.#refuse(this.challenges.invalid(error), error.reason, error.message);
    if (!(error instanceof KeysUnreachable)) throw error;
    const fault = new Fault('unavailable', 'tokens cannot be checked just now; try again', {
      cause: error,
      headers: { 'retry-after': String(RETRY_AFTER_S) },
    });
    return this.#refuse(fault, 'unreachable', error.message);
  }

  #refuse(fault: Fault, reason: Refusal['reason'], detail = fault.message): Fault {
    this.#onRefused({ status: fault.status('modern'), reason, detail });
    return fault;
  }
}

function readPublic(url: string): URL {
  try {
    return readResource(url);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${url} cannot be this server's public URL: ${error.message}`);
  }
}

function metadataOfIssuer(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}
