/**
 * The authorization server as pages use it that people sign in to: where a person is sent to sign in, and what the answer they come back
 * with is worth. The protocol is the library's; whose token it is, and what that person may do, is sign-in.ts's.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1
 * @see https://www.rfc-editor.org/rfc/rfc9207
 */
import * as oauth from 'oauth4webapi';
import { isLoopback } from '../auth/protected-resource.js';
import { secureUrl } from '../auth/secure-url.js';

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

const PATIENCE_MS = 10_000;
const KEPT_MS = 10 * 60_000;

/** Both reject SignInRefused; with anything else when the authorization server cannot be asked or used. */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { issuer, resource, redirectUri, scope, clock } = options;
  const client = { client_id: options.client.id };
  const plain = isLoopback(new URL(issuer).hostname);
  const ask = options.fetch ?? fetch;
  const sending = {
    [oauth.customFetch]: (
      url: string,
      given: oauth.CustomFetchOptions<string, RequestInit['body'] | undefined>,
    ) => {
      const { body = null, signal = null, headers, method, redirect } = given;
      return ask(url, { body, signal, headers, method, redirect });
    },
    [oauth.allowInsecureRequests]: plain,
    signal: () => AbortSignal.timeout(PATIENCE_MS),
  };
  let kept: { as: oauth.AuthorizationServer; until: number } | undefined;

  async function discover(): Promise<oauth.AuthorizationServer> {
    if (kept !== undefined && kept.until > clock().getTime()) return kept.as;
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, { ...sending, algorithm: 'oauth2' });
    const as = await oauth.processDiscoveryResponse(url, response);
    for (const name of ['authorization_endpoint', 'token_endpoint'] as const) {
      if (secureUrl(as[name], plain) === undefined) {
        throw new Error(`the "${name}" of ${issuer} must be a safe URL, received ${String(as[name])}`);
      }
    }
    kept = { as, until: clock().getTime() + KEPT_MS };
    return as;
  }

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

function authentication(as: oauth.AuthorizationServer, secret: string | undefined): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  // RFC 8414, section 2: what is not said means client_secret_basic.
  const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}
