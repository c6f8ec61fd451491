/**
 * The authorization code flow of a service's pages. oauth4webapi implements the protocol; sign-in.ts checks
 * whose token it is and what it permits.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1
 * @see https://www.rfc-editor.org/rfc/rfc8414
 * @see https://www.rfc-editor.org/rfc/rfc9207
 */
import * as oauth from 'oauth4webapi';
import { isLoopback, secureUrl } from '../../oauth/protected-resource.js';
import { preview } from '../../wire/value.js';
import type { Problem } from '../reply.js';

const TIMEOUT_MS = 10_000;
const CACHE_MS = 10 * 60_000;

export type AuthorizationOptions = {
  /** The authorization server where people sign in. */
  issuer: string;
  /** The resource identifier of the service that the pages belong to: the audience of the token. */
  resource: string;
  /** The pages' client at the issuer. */
  client: { id: string; secret?: string };
  clock: () => Date;
};

/** What must be unchanged when the person comes back. */
export type CodeRequest = { state: string; verifier: string };

/** Both functions reject when the authorization server cannot be reached or used. */
export function createAuthorization(options: AuthorizationOptions, redirectUri: string, scope: string) {
  const { issuer, resource } = options;
  const client = { client_id: options.client.id };
  const { sending, discover } = createDiscovery(options);

  return {
    /** With `afresh` people are asked who they are even if the authorization server knows them. */
    async begin(afresh: boolean): Promise<CodeRequest & { url: string }> {
      const { authorization_endpoint: endpoint } = await discover();
      const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
      const url = new URL(endpoint ?? issuer);
      const parameters = {
        response_type: 'code',
        ...client,
        redirect_uri: redirectUri,
        scope,
        resource,
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(afresh ? { prompt: 'login' } : {}),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, state, verifier };
    },

    /** The access token, or why there is none. */
    async finish(answer: URLSearchParams, { state, verifier }: CodeRequest): Promise<string | Problem> {
      const metadata = await discover();
      let parameters: URLSearchParams;
      try {
        parameters = oauth.validateAuthResponse(metadata, client, answer, state);
      } catch (error) {
        if (error instanceof oauth.AuthorizationResponseError) return denial(error.error, scope);
        // The answer belongs to another request.
        if (error instanceof oauth.OperationProcessingError) return STALE;
        throw error;
      }
      if (!parameters.get('code')) return STALE;
      const auth = authentication(metadata, options.client.secret);
      const more = { ...sending, additionalParameters: { resource } };
      const response = await oauth.authorizationCodeGrantRequest(
        metadata,
        client,
        auth,
        parameters,
        redirectUri,
        verifier,
        more,
      );
      try {
        return (await oauth.processAuthorizationCodeResponse(metadata, client, response)).access_token;
      } catch (error) {
        // A code works once and expires soon: after a reload or a long wait the person has to start again.
        if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') return STALE;
        throw error;
      }
    },
  };
}

export const STALE: Problem = {
  status: 400,
  title: 'This sign-in cannot be finished',
  problem: 'It took too long, was completed already, or was started in another tab or browser. Start again.',
};

function denial(error: string, scope: string): Problem {
  return {
    status: 403,
    title: 'You were not signed in',
    problem: `The authorization server answered ${preview(error)} when it was asked for the scope ${scope}.`,
  };
}

/** The metadata of an authorization server, cached for a while, and the options of every request to it. */
export function createDiscovery({ issuer, clock }: { issuer: string; clock: () => Date }) {
  const isLocal = isLoopback(new URL(issuer).hostname);
  const sending = {
    [oauth.allowInsecureRequests]: isLocal,
    signal: () => AbortSignal.timeout(TIMEOUT_MS),
  };
  let cached: { metadata: oauth.AuthorizationServer; until: number } | undefined;

  /** Rejects when the server cannot be reached, or when its metadata is unsafe. */
  async function discover(): Promise<oauth.AuthorizationServer> {
    if (cached !== undefined && cached.until > clock().getTime()) return cached.metadata;
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, { ...sending, algorithm: 'oauth2' });
    const metadata = await oauth.processDiscoveryResponse(url, response);
    for (const name of ['authorization_endpoint', 'token_endpoint'] as const) {
      if (secureUrl(metadata[name], isLocal) === undefined) {
        throw new Error(`the "${name}" of ${issuer} must be a safe URL, received ${String(metadata[name])}`);
      }
    }
    cached = { metadata, until: clock().getTime() + CACHE_MS };
    return metadata;
  }

  return { sending, discover };
}

/** How the client proves its identity to this server. */
export function authentication(
  metadata: oauth.AuthorizationServer,
  secret: string | undefined,
): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  // RFC 8414, section 2: without a list the server accepts client_secret_basic.
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}
