/**
 * One authorization server: its endpoints and its keys, found through its metadata. Metadata that does not name exactly the
 * configured issuer counts as unreachable, because the server may be impersonated or misconfigured.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */
import type { JsonObject } from '../wire/value.js';
import { describe } from './audience.js';
import { type CacheOptions, cachedAsync } from './cached-async.js';
import type { FetchJson } from './fetch-json.js';
import { createKeys, type Keys, readKeySet } from './jwks.js';
import { isLoopback, secureUrl } from './protected-resource.js';
import { IssuerUnreachable } from './token-errors.js';

export type Issuer = {
  issuer: string;
  keys: Keys;
  /** An endpoint by its name in the metadata. Rejects with IssuerUnreachable. */
  endpoint(name: string): Promise<URL>;
};

export type IssuerTools = { fetchJson: FetchJson; algorithms: readonly string[]; cacheOptions: CacheOptions };

export function createIssuer(issuer: string, { fetchJson, algorithms, cacheOptions }: IssuerTools): Issuer {
  const allowsHttp = isLoopback(new URL(issuer).hostname);
  const metadata = cachedAsync(() => discoverIssuer(issuer, fetchJson), cacheOptions);

  async function endpoint(name: string): Promise<URL> {
    const text = (await metadata.get())[name];
    const url = secureUrl(text, allowsHttp);
    if (url !== undefined) return url;
    throw new IssuerUnreachable(`the "${name}" of ${issuer} must be a safe URL, received ${describe(text)}`);
  }
  async function load() {
    try {
      const url = await endpoint('jwks_uri');
      const answer = await fetchJson(url);
      if ('problem' in answer) throw new IssuerUnreachable(answer.problem);
      return readKeySet(answer.document, url.href);
    } catch (error) {
      metadata.forget(); // the keys may have moved
      throw error;
    }
  }
  return { issuer, endpoint, keys: createKeys({ issuer, load, algorithms, cacheOptions }) };
}

/** The metadata of exactly this issuer. Rejects with IssuerUnreachable. */
export async function discoverIssuer(issuer: string, fetchJson: FetchJson): Promise<JsonObject> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const answer = await fetchJson(url);
    if ('document' in answer && answer.document.issuer === issuer) return answer.document;
    problems.push(
      'problem' in answer
        ? answer.problem
        : `${url} expected "issuer" ${issuer}, received ${describe(answer.document.issuer)}`,
    );
  }
  throw new IssuerUnreachable(`no metadata of ${issuer}: ${problems.join('; ')}`);
}

/** OAuth's URL first, then OpenID's with the well-known part before the issuer's path, then after it. */
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
