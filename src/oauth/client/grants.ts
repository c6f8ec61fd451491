/** Token requests that need no person: a refresh token, and a client that acts for itself. */
import * as oauth from 'oauth4webapi';
import { AuthorizationError, toAuthorizationError } from './errors.js';
import type { Outgoing } from './outgoing.js';
import type { Client } from './registration.js';
import { type Server, textsOf } from './server-discovery.js';

/** One request for a token, of any grant. */
export type TokenRequest = {
  server: Server;
  resource: string;
  scopes: readonly string[];
  outgoing: Outgoing;
};

export type TokenResponse = oauth.TokenEndpointResponse;

/** What every token request says: for which server the token is (2026-07-28/authorization/026). */
export function tokenOptions({ outgoing, resource }: Pick<TokenRequest, 'outgoing' | 'resource'>) {
  return { ...outgoing.request, additionalParameters: { resource } };
}

/** @throws AuthorizationError when the server's metadata lists other grants only */
export function requireGrant(server: Server, grant: string): void {
  const grants = textsOf(server, 'grant_types_supported');
  if (grants === undefined || grants.includes(grant)) return;
  throw new AuthorizationError(`${server.issuer} does not offer the grant ${grant}`);
}

export async function refresh(
  request: TokenRequest,
  client: Client,
  refreshToken: string,
): Promise<TokenResponse> {
  const { server } = request;
  const self = { client_id: client.id };
  try {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      self,
      client.authentication,
      refreshToken,
      tokenOptions(request),
    );
    return await oauth.processRefreshTokenResponse(server, self, response);
  } catch (error) {
    throw toAuthorizationError(`the refresh at ${server.issuer}`, error);
  }
}

export async function clientCredentials(request: TokenRequest, client: Client): Promise<TokenResponse> {
  const { server, resource, scopes, outgoing } = request;
  requireGrant(server, 'client_credentials');
  const self = { client_id: client.id };
  const parameters = { resource, ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }) };
  try {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      self,
      client.authentication,
      parameters,
      outgoing.request,
    );
    return await oauth.processClientCredentialsResponse(server, self, response);
  } catch (error) {
    throw toAuthorizationError(`the request for a token at ${server.issuer}`, error);
  }
}
