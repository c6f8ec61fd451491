/** Gets a token from an authorization server, by whichever flow the caller chose, and keeps it. */
import { splitScopes } from './bearer-challenge.js';
import { codeFlow, requireCodeFlow } from './code-flow.js';
import { deviceFlow } from './device-flow.js';
import { AuthorizationError, toAuthorizationError } from './errors.js';
import { clientCredentials, refresh, type TokenRequest, type TokenResponse } from './grants.js';
import { openRedirectListener } from './redirect-listener.js';
import { type Client, type RegistrationTools, resolveClient } from './registration.js';
import type { Server } from './server-discovery.js';
import type { Tokens } from './token-store.js';

/** A token is renewed this long before it expires, and not before half of its life is over. */
const EARLY_S = 30;

export type Tools = RegistrationTools & { endpoint: URL };

/** The token. Rejects with AuthorizationError. */
export async function obtain(request: TokenRequest, tools: Tools): Promise<string> {
  const { server, resource, scopes } = request;
  const { settings, store } = tools;
  const scopeText = scopes.length === 0 ? 'its default scopes' : `the scopes ${scopes.join(' ')}`;
  settings.interaction.say(`${resource} needs a token from ${server.issuer}, with ${scopeText}.`);
  if (settings.grant === 'client_credentials') {
    const client = await resolveClient(server, undefined, tools);
    return keep(await clientCredentials(request, client), request, client, tools);
  }
  if (settings.grant === 'device') {
    const client = await resolveClient(server, undefined, tools);
    return keep(await deviceFlow(request, client, settings), request, client, tools);
  }
  requireCodeFlow(request);
  const registration = await store.registration(server.issuer);
  const listener = await openRedirectListener(settings.redirectUri, registration?.redirectUri);
  try {
    const client = await resolveClient(server, listener.redirectUri, tools);
    return await keep(await codeFlow(request, client, listener, settings), request, client, tools);
  } finally {
    await listener.close();
  }
}

/** Undefined when there is nothing to refresh, or when the server does not accept it any longer. */
export async function renew(tokens: Tokens, server: Server, tools: Tools): Promise<string | undefined> {
  const { settings, store, outgoing } = tools;
  const { refreshToken, resource, issuer, clientId, scopes } = tokens;
  if (refreshToken === undefined || issuer !== server.issuer) return undefined;
  const registration = await store.registration(issuer);
  const isStatic = clientId === settings.clientId || clientId === settings.clientMetadataUrl;
  if (!isStatic && registration === undefined) return undefined;
  const client = await resolveClient(server, registration?.redirectUri, tools);
  // A refresh token is its client's.
  if (client.id !== clientId) return undefined;
  const request = { server, resource, scopes, outgoing };
  try {
    const response = await refresh(request, client, refreshToken);
    return await keep({ refresh_token: refreshToken, ...response }, request, client, tools);
  } catch (error) {
    const { code } = toAuthorizationError('the refresh', error);
    if (code === undefined) throw error;
    // The server has forgotten the client, as one that keeps clients in memory does.
    if (code === 'invalid_client' && !isStatic) await store.setRegistration(issuer, undefined);
    const { refreshToken: _spent, ...others } = tokens;
    await store.setTokens(others);
    return undefined;
  }
}

async function keep(
  response: TokenResponse,
  { server, resource, scopes }: TokenRequest,
  client: Client,
  { endpoint, settings, store }: Tools,
): Promise<string> {
  const {
    access_token: accessToken,
    token_type: type,
    refresh_token: refreshToken,
    expires_in: seconds,
  } = response;
  if (type !== 'bearer')
    throw new AuthorizationError(`${server.issuer}: expected a Bearer token, received one of another type`);
  const renewAfterS = seconds === undefined ? undefined : Math.max(seconds - EARLY_S, seconds / 2);
  await store.setTokens({
    endpoint: endpoint.href,
    issuer: server.issuer,
    resource,
    clientId: client.id,
    isForClient: settings.grant === 'client_credentials',
    accessToken,
    scopes: [...new Set([...scopes, ...splitScopes(response.scope)])],
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(renewAfterS === undefined ? {} : { renewAt: settings.clock().getTime() + renewAfterS * 1000 }),
  });
  return accessToken;
}
