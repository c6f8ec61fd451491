/**
 * The authorization code flow: a person signs in with the browser, and the browser brings a code that only this client can
 * redeem (PKCE).
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.1
 * @see https://www.rfc-editor.org/rfc/rfc9207
 */
import * as oauth from 'oauth4webapi';
import { AuthorizationError, oauthError, toAuthorizationError } from './errors.js';
import { type TokenRequest, type TokenResponse, tokenOptions } from './grants.js';
import type { Settings } from './options.js';
import type { RedirectListener } from './redirect-listener.js';
import type { Client } from './registration.js';
import { textsOf } from './server-discovery.js';

/** @throws AuthorizationError unless a person can sign in there, with a code that nobody else can redeem */
export function requireCodeFlow({ server }: Pick<TokenRequest, 'server'>): void {
  if (server.authorization_endpoint === undefined)
    throw new AuthorizationError(
      `${server.issuer} has no "authorization_endpoint", so nobody can sign in there`,
    );
  // 2026-07-28/security-considerations/010
  if (textsOf(server, 'code_challenge_methods_supported')?.includes('S256')) return;
  throw new AuthorizationError(
    `${server.issuer} does not announce PKCE: expected S256 in "code_challenge_methods_supported"`,
  );
}

export async function codeFlow(
  request: TokenRequest,
  client: Client,
  listener: RedirectListener,
  settings: Settings,
): Promise<TokenResponse> {
  const { server, scopes, resource } = request;
  const { redirectUri } = listener;
  const what = `signing in at ${server.issuer}`;
  const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
  const url = new URL(server.authorization_endpoint ?? '');
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    resource,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    // OpenID Connect Core, section 11: without consent the scope is ignored.
    ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);

  const arrival = listener.answer(state, settings);
  settings.interaction.say(`To sign in, open ${url.href}`);
  // A person without a browser here can still open the address.
  settings.interaction.open(url).catch(() => undefined);
  const self = { client_id: client.id };
  try {
    const code = readCode(request, self, await arrival, state, what);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      self,
      client.authentication,
      code,
      redirectUri,
      verifier,
      tokenOptions(request),
    );
    return await oauth.processAuthorizationCodeResponse(server, self, response);
  } catch (error) {
    throw toAuthorizationError(what, error);
  }
}

/** Checks who answered before it reads what was answered (2026-07-28/authorization/023, /025). */
function readCode(
  { server }: TokenRequest,
  self: oauth.Client,
  answer: URLSearchParams,
  state: string,
  what: string,
): URLSearchParams {
  let parameters: URLSearchParams;
  try {
    parameters = oauth.validateAuthResponse(server, self, answer, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError)
      throw oauthError(what, error.error, error.error_description);
    throw new AuthorizationError(
      `${what} failed: the answer may come from another authorization server, because its "iss" is not exactly ${server.issuer}`,
      undefined,
      { cause: error },
    );
  }
  if (!parameters.get('code')) throw new AuthorizationError(`${what} failed: the answer has no "code"`);
  return parameters;
}
