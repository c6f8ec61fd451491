/**
 * The authorization server as pages use it that people sign in to: where a person is sent to sign in, and what the answer they come back
 * with is worth. The protocol is the library's; whose token it is, and what that person may do, is sign-in.ts's.
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
  /** What the token has to be good for. */
  scope: string;
  clock: () => Date;
  fetch?: typeof fetch;
};

/** What has to be the same again when the person comes back. */
export type Begun = { state: string; verifier: string };

export type Authorization = {
  /** With `afresh` the person is asked who they are although somebody is signed in there. */
  begin(afresh: boolean): Promise<Begun & { url: string }>;
  /** The access token. */
  finish(answer: URLSearchParams, begun: Begun): Promise<string>;
};

/** `stale`: the answer is not to this question, or was used before. `denied`: the authorization server said no. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';

  constructor(
    readonly why: 'stale' | 'denied',
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

/** Both reject SignInRefused; with anything else when the authorization server cannot be asked or used. */
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
      const as = await discover();
      const checked = check(as, client, answer, state);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        authentication(as, options.client.secret),
        checked,
        redirectUri,
        verifier,
        { ...sending, additionalParameters: { resource } },
      );
      try {
        const { access_token: token } = await oauth.processAuthorizationCodeResponse(as, client, response);
        return token;
      } catch (cause) {
        // A code holds once and not for long: whoever reloads the page, or waits, starts again.
        if (cause instanceof oauth.ResponseBodyError && cause.error === 'invalid_grant') {
          throw new SignInRefused('stale', 'the code has expired or was used before', { cause });
        }
        throw cause;
      }
    },
  };
}

function check(
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  answer: URLSearchParams,
  state: string,
): URLSearchParams {
  try {
    const checked = oauth.validateAuthResponse(as, client, answer, state);
    if (checked.get('code')) return checked;
    throw new SignInRefused('stale', 'the answer has no code');
  } catch (cause) {
    if (cause instanceof oauth.AuthorizationResponseError) {
      throw new SignInRefused('denied', cause.error, { cause });
    }
    if (cause instanceof oauth.OperationProcessingError) {
      throw new SignInRefused('stale', cause.message, { cause });
    }
    throw cause;
  }
}
