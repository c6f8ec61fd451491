/**
 * One authorization server: where it says its endpoints are, and its keys. Its metadata counts only when it names
 * exactly the issuer that was configured, so one that is impersonated or misconfigured is as good as unreachable.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */
import type { JsonObject } from '../wire/value.js';
import { quoted } from './audience.js';
import { type CacheOptions, cachedAsync } from './cached.js';
import type { FetchJson } from './fetch-json.js';
import { createKeys, type Keys, readKeySet } from './keys.js';
import { isLoopback } from './protected-resource.js';
import { secureUrl } from './secure-url.js';
import { KeysUnreachable } from './token-refused.js';

export type Issuer = {
  issuer: string;
  keys: Keys;
  /** An address that the metadata names. Rejects KeysUnreachable. */
  endpoint(name: string): Promise<URL>;
};

export type IssuerTools = { fetchJson: FetchJson; algorithms: readonly string[]; keeping: CacheOptions };

export function createIssuer(issuer: string, { fetchJson, algorithms, keeping }: IssuerTools): Issuer {
  const plain = isLoopback(new URL(issuer).hostname);
  const metadata = cachedAsync(() => discover(issuer, fetchJson), keeping);

  async function endpoint(name: string): Promise<URL> {
    const given = (await metadata.get())[name];
    const url = secureUrl(given, plain);
    if (url !== undefined) return url;
    throw new KeysUnreachable(`the "${name}" of ${issuer} must be a safe URL, received ${quoted(given)}`);
  }
  async function load() {
    try {
      const url = await endpoint('jwks_uri');
      const answer = await fetchJson(url);
      if ('instead' in answer) throw new KeysUnreachable(answer.instead);
      return readKeySet(answer.document, url.href);
    } catch (error) {
      metadata.forget(); // the keys may have moved
      throw error;
    }
  }
  return { issuer, endpoint, keys: createKeys({ owner: issuer, load, algorithms, keeping }) };
}

async function discover(issuer: string, fetchJson: FetchJson): Promise<JsonObject> {
  const tried: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const answer = await fetchJson(url);
    if ('document' in answer && answer.document.issuer === issuer) return answer.document;
    tried.push(
      'instead' in answer
        ? answer.instead
        : `${url} expected "issuer" ${issuer}, received ${quoted(answer.document.issuer)}`,
    );
  }
  throw new KeysUnreachable(`no metadata of ${issuer}: ${tried.join('; ')}`);
}

/** OAuth's form first, then OpenID's with the well-known part before the issuer's path, then after it. */
export function metadataUrls(issuer: string): URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(urls)].map((url) => new URL(url));
}
