/**
 * Authorization server metadata, read by a client. A document counts only if its `issuer` is exactly the identifier that its
 * address was made from (2026-07-28/authorization-server-discovery/010).
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414
 * @see https://modelcontextprotocol.io/specification/2025-03-26/basic/authorization#fallbacks-for-servers-without-metadata-discovery
 */
import type * as oauth from 'oauth4webapi';
import type { JsonObject } from '../../wire/value.js';
import { discoverIssuer } from '../issuer-metadata.js';
import { AuthorizationError, quoted, toAuthorizationError } from './errors.js';
import type { Outgoing } from './outgoing.js';
import type { Resource } from './resource-discovery.js';

/** `isGuess`: it has no metadata, and may be no authorization server at all. */
export type Server = oauth.AuthorizationServer & { isGuess?: boolean };

/** How many of the named servers are tried. */
const MAX_SERVERS = 5;
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'device_authorization_endpoint',
] as const;

/**
 * The server to use: the one with `issuer`, or the first whose metadata is right.
 *
 * @throws AuthorizationError
 */
export async function chooseServer(
  { issuers, identifier }: Resource,
  issuer: string | undefined,
  outgoing: Outgoing,
): Promise<Server> {
  const problems: string[] = [];
  const candidates = issuers.slice(0, MAX_SERVERS).filter((one) => issuer === undefined || one === issuer);
  if (candidates.length === 0) {
    const issuerList = issuers.slice(0, MAX_SERVERS).map(quoted).join(', ');
    throw new AuthorizationError(
      `${identifier}: expected the authorization server ${issuer}, for which there are credentials, received ${issuerList}`,
    );
  }
  for (const candidate of candidates) {
    try {
      return await readServer(candidate, outgoing);
    } catch (error) {
      problems.push(toAuthorizationError(`the metadata of ${quoted(candidate)}`, error).message);
    }
  }
  throw new AuthorizationError(problems.join('; '));
}

/** @throws AuthorizationError | IssuerUnreachable */
export async function readServer(issuer: string, outgoing: Outgoing): Promise<Server> {
  outgoing.safeUrl(issuer, 'an authorization server');
  return checkServer(await discoverIssuer(issuer, outgoing.fetchJson), issuer, outgoing);
}

/** The server of revision 2025-03-26, which is at the origin of the endpoint; without metadata it has the default endpoints. */
export async function serverAtOrigin({ origin }: URL, outgoing: Outgoing): Promise<Server> {
  const url = new URL('/.well-known/oauth-authorization-server', origin);
  const answer = await outgoing.fetchJson(url).catch((error: unknown) => {
    throw toAuthorizationError(`the metadata of ${origin}`, error);
  });
  if ('document' in answer) {
    const { issuer } = answer.document;
    // Both spellings of an origin lead to this address.
    if (issuer === origin || issuer === `${origin}/`) return checkServer(answer.document, issuer, outgoing);
    throw new AuthorizationError(`${url.href}: expected "issuer" ${origin}, received ${quoted(issuer)}`);
  }
  return {
    isGuess: true,
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    // 2025-03-26/authorization/017
    code_challenge_methods_supported: ['S256'],
  };
}

function checkServer(document: JsonObject, issuer: string, { safeUrl }: Outgoing): Server {
  for (const name of ENDPOINTS) {
    if (document[name] !== undefined) safeUrl(document[name], `"${name}" of ${issuer}`);
  }
  if (document.token_endpoint === undefined)
    throw new AuthorizationError(`the metadata of ${issuer} has no "token_endpoint"`);
  return { ...document, issuer, isGuess: false };
}

/** The texts of a list in the metadata; undefined if there is no list. */
export function textsOf(server: Server, name: keyof Server): string[] | undefined {
  const list: unknown = server[name];
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : undefined;
}
