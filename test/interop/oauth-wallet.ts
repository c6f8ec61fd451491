/**
 * What a program keeps for one server: who it is, its tokens, and which address a person has to be shown. Both versions
 * of the official TypeScript client take it as their provider; nothing in it knows barewire.
 */
import { randomUUID } from 'node:crypto';
import type * as V2 from '@modelcontextprotocol/client';
import type * as V1 from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed } from '@modelcontextprotocol/sdk/shared/auth.js';

export type Description = {
  client_name: string;
  redirect_uris: string[];
  grant_types: string[];
  response_types: string[];
  token_endpoint_auth_method: string;
};

/** A program on this machine, which has no secret to keep. */
export function described(name: string, redirectUri: string, ...grants: string[]): Description {
  return {
    client_name: name,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', ...grants],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
}

export class Wallet implements V2.OAuthClientProvider, V1.OAuthClientProvider {
  /** The address that the person was sent to. */
  readonly opened: URL[] = [];
  readonly clientMetadataUrl?: string;
  saved: V2.StoredOAuthTokens | undefined;
  client: OAuthClientInformationMixed | undefined;
  #verifier = '';
  #state = '';
  #discovered: V2.OAuthDiscoveryState | undefined;

  /** `describedAt` is the client's id where the authorization server reads such addresses. */
  constructor(
    readonly clientMetadata: Description,
    describedAt?: string,
  ) {
    if (describedAt !== undefined) this.clientMetadataUrl = describedAt;
  }

  get redirectUrl(): string {
    return this.clientMetadata.redirect_uris[0] ?? '';
  }

  state(): string {
    this.#state = randomUUID();
    return this.#state;
  }

  /** @throws Error when somebody else's answer came back. */
  checkState(params: URLSearchParams): void {
    if (params.get('state') !== this.#state) throw new Error(`not the answer to this request: ${params}`);
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.client = client;
  }

  tokens(): V2.StoredOAuthTokens | undefined {
    return this.saved;
  }

  saveTokens(tokens: V2.StoredOAuthTokens): void {
    this.saved = tokens;
  }

  redirectToAuthorization(address: URL): void {
    this.opened.push(address);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  /** Credentials that the authorization server no longer knows. */
  invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (what === 'all' || what === 'client') this.client = undefined;
    if (what === 'all' || what === 'tokens') this.saved = undefined;
  }

  saveDiscoveryState(state: V2.OAuthDiscoveryState): void {
    this.#discovered = state;
  }

  discoveryState(): V2.OAuthDiscoveryState | undefined {
    return this.#discovered;
  }
}
