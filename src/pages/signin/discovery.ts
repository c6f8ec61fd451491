/**
 * An authorization server as a client of it needs to know it: its metadata, kept for a while, and how requests to it are
 * sent. What is asked there is the affair of whoever asks.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414
 */
import * as oauth from 'oauth4webapi';
import { isLoopback } from '../../oauth/protected-resource.js';
import { secureUrl } from '../../oauth/secure-url.js';

export type DiscoveryOptions = { issuer: string; clock: () => Date; fetch?: typeof fetch };

const PATIENCE_MS = 10_000;
const KEPT_MS = 10 * 60_000;

export function createDiscovery({ issuer, clock, fetch: given }: DiscoveryOptions) {
  const plain = isLoopback(new URL(issuer).hostname);
  const ask = given ?? fetch;
  const sending = {
    [oauth.customFetch]: (
      url: string,
      options: oauth.CustomFetchOptions<string, RequestInit['body'] | undefined>,
    ) => {
      const { body = null, signal = null, headers, method, redirect } = options;
      return ask(url, { body, signal, headers, method, redirect });
    },
    [oauth.allowInsecureRequests]: plain,
    signal: () => AbortSignal.timeout(PATIENCE_MS),
  };
  let kept: { as: oauth.AuthorizationServer; until: number } | undefined;

  /** Rejects when it cannot be asked, or says something unsafe. */
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

  return { sending, discover };
}

export function authentication(as: oauth.AuthorizationServer, secret: string | undefined): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  // RFC 8414, section 2: what is not said means client_secret_basic.
  const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}
