/**
 * The authorization code flow of a service's pages: where a person is sent to sign in, and the access token that the answer
 * is exchanged for. oauth4webapi implements the protocol; sign-in.ts checks whose token it is and what it permits.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1
 * @see https://www.rfc-editor.org/rfc/rfc9207
 */
import * as oauth from 'oauth4webapi';
import { authentication, createDiscovery } from './discovery.js';

export type AuthorizationOptions = {
  issuer: string;
  /** The identifier of the server that the pages belong to: the audience of the token. */
  resource: string;
  client: { id: string; secret?: string };
  redirectUri: string;
  scope: string;
  clock: () => Date;
  fetch?: typeof fetch;
};

/** What must be unchanged when the person comes back. */
export type Begun = { state: string; verifier: string };

/** Both methods reject with anything but SignInRejected when the authorization server cannot be reached or used. */
export type Authorization = {
  /** With `afresh` people are asked who they are even if the authorization server knows them. */
  begin(afresh: boolean): Promise<Begun & { url: string }>;
  /** The access token. Rejects with SignInRejected. */
  finish(answer: URLSearchParams, begun: Begun): Promise<string>;
};

/** `stale`: the answer belongs to another request, or was used before. `denied`: the authorization server refused. */
export class SignInRejected extends Error {
  override readonly name = 'SignInRejected';

  constructor(
    readonly why: 'stale' | 'denied',
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { issuer, resource, redirectUri, scope } = options;
  const client = { client_id: options.client.id };
  const { sending, discover } = createDiscovery(options);

  return {
    async begin(afresh) {
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

    async finish(answer, { state, verifier }) {
      const metadata = await discover();
      const response = await oauth.authorizationCodeGrantRequest(
        metadata,
        client,
        authentication(metadata, options.client.secret),
        checkAnswer(metadata, client, answer, state),
        redirectUri,
        verifier,
        { ...sending, additionalParameters: { resource } },
      );
      try {
        return (await oauth.processAuthorizationCodeResponse(metadata, client, response)).access_token;
      } catch (cause) {
        // A code works once and expires soon: after a reload or a long wait the person has to start again.
        if (cause instanceof oauth.ResponseBodyError && cause.error === 'invalid_grant') {
          throw new SignInRejected('stale', 'the code has expired or was used before', { cause });
        }
        throw cause;
      }
    },
  };
}

function checkAnswer(
  metadata: oauth.AuthorizationServer,
  client: oauth.Client,
  answer: URLSearchParams,
  state: string,
): URLSearchParams {
  try {
    const parameters = oauth.validateAuthResponse(metadata, client, answer, state);
    if (parameters.get('code')) return parameters;
    throw new SignInRejected('stale', 'the answer has no code');
  } catch (cause) {
    if (cause instanceof oauth.AuthorizationResponseError) {
      throw new SignInRejected('denied', cause.error, { cause });
    }
    if (cause instanceof oauth.OperationProcessingError) {
      throw new SignInRejected('stale', cause.message, { cause });
    }
    throw cause;
  }
}
