/**
 * What a client of an authorization server needs before its first request: the server's metadata, cached for a while, and
 * the options of every request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414
 */
import * as oauth from 'oauth4webapi';
import { isLoopback, secureUrl } from '../../oauth/protected-resource.js';

const TIMEOUT_MS = 10_000;
const CACHE_MS = 10 * 60_000;

export function createDiscovery(options: { issuer: string; clock: () => Date; fetch?: typeof fetch }) {
  const { issuer, clock } = options;
  const isLocal = isLoopback(new URL(issuer).hostname);
  const send = options.fetch ?? fetch;
  const sending = {
    [oauth.customFetch]: (
      url: string,
      request: oauth.CustomFetchOptions<string, RequestInit['body'] | undefined>,
    ) => {
      const { body = null, signal = null, headers, method, redirect } = request;
      return send(url, { body, signal, headers, method, redirect });
    },
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
