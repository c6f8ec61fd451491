/**
 * Clients: those that exist from the start, and what strangers may state about themselves. Registration is
 * open, so a client that registers has no secret, and its grants lead through a page of this server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
import { type ClientMetadata, errors } from 'oidc-provider';
import { APPROVALS_CLIENT, CALLBACK_PATH, DECIDES } from '../../governance/approval/addresses.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import {
  REGISTRY_CALLBACK_PATH,
  REGISTRY_CLIENT,
  REGISTRY_PAGES_CLIENT,
  REGISTRY_WRITE,
} from '../registry/token-names.js';
import { type Resources, scopesOf } from './resources.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const OPEN_GRANTS: readonly string[] = ['authorization_code', 'refresh_token', DEVICE_GRANT];

/** A client that exists from the start. */
export type KnownClient = {
  id: string;
  /** Absent: a public client. */
  secret?: string;
  name?: string;
  redirectUris?: readonly string[];
  grants: readonly string[];
};

/** For curl. Its secret is public. */
export const DEMO: KnownClient = {
  id: 'demo',
  secret: 'demo-secret',
  name: 'curl, as the demo client',
  grants: ['client_credentials', DEVICE_GRANT],
};

/** As this client the registry asks servers which tools they have. That needs no scope. */
export const REGISTRY: KnownClient = {
  ...REGISTRY_CLIENT,
  name: 'the registry',
  grants: ['client_credentials'],
};

/** The pages that people sign in to, at the resources that have `scope`. */
const PAGES = [
  { id: APPROVALS_CLIENT, name: 'the approval pages', callback: CALLBACK_PATH, scope: DECIDES },
  {
    id: REGISTRY_PAGES_CLIENT,
    name: "the registry's pages",
    callback: REGISTRY_CALLBACK_PATH,
    scope: REGISTRY_WRITE,
  },
];

/** Made for each request, because the pages' addresses become known after this server has started. */
export function pagesClient(id: string, resources: Resources): ClientMetadata | undefined {
  const pages = PAGES.find((one) => one.id === id);
  if (pages === undefined) return undefined;
  const redirectUris = resources()
    .filter((resource) => scopesOf(resource).includes(pages.scope))
    .map(({ resource }) => `${new URL(resource).origin}${pages.callback}`);
  if (redirectUris.length === 0) return undefined;
  return toMetadata({ id, name: pages.name, redirectUris, grants: ['authorization_code'] });
}

export function toMetadata({ id, secret, name, redirectUris = [], grants }: KnownClient): ClientMetadata {
  return {
    client_id: id,
    client_name: name ?? id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
    redirect_uris: [...redirectUris],
    grant_types: [...grants],
    response_types: redirectUris.length === 0 ? [] : ['code'],
  };
}

/**
 * Called for each client before the library checks it. `registering`: this is a registration request. A
 * client with a metadata document is recognized by its id, which is an address.
 *
 * @throws InvalidClientMetadata
 */
export function settleMetadata(metadata: ClientMetadata, registering: boolean): void {
  // Scopes belong to a resource, and are checked at each request.
  delete metadata.scope;
  // The library's other response mode is a page that submits itself by script.
  metadata.response_modes = ['query'];
  const redirectUris: unknown[] = Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris : [];
  const texts = redirectUris.filter((uri) => typeof uri === 'string');
  if (registering) {
    metadata.token_endpoint_auth_method = 'none';
    delete metadata.client_secret;
    delete metadata.client_secret_expires_at;
  }
  if (registering || URL.canParse(metadata.client_id)) {
    if (Array.isArray(metadata.grant_types))
      metadata.grant_types = metadata.grant_types.filter((grant) => OPEN_GRANTS.includes(grant));
    if (!texts.every(isAllowedRedirect))
      throw new errors.InvalidClientMetadata('redirect_uris must be https, or http on loopback');
  }
  const loopback = texts.filter(isLocalPage).map((uri) => new URL(uri).protocol);
  // A native client may use any port of a loopback redirect, and needs consent each time. Our own pages have
  // one port; what listens on another is something else.
  const isOwnPage = PAGES.some(({ id }) => id === metadata.client_id);
  const isNative = loopback.includes('http:') && !loopback.includes('https:') && !isOwnPage;
  metadata.application_type = isNative ? 'native' : 'web';
}

function isAllowedRedirect(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLocalPage(uri));
}

/** Whether the page is on this machine. Only pages here may read tokens and register clients. */
export function isLocalPage(address: string): boolean {
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}
