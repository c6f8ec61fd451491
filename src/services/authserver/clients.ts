/**
 * Clients: the one for curl, the registry, the pages that people sign in to, those named at the start, and what strangers may say of themselves. Whoever registers
 * without being asked who they are gets a public client that can do nothing without a person: no secret, and grants
 * that lead through a page of this server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
import { type ClientMetadata, errors } from 'oidc-provider';
import { APPROVALS_CLIENT, CALLBACK_PATH } from '../../governance/approval/addresses.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import {
  REGISTRY_CALLBACK_PATH,
  REGISTRY_CLIENT,
  REGISTRY_PAGES_CLIENT,
  REGISTRY_WRITE,
} from '../registry/token-names.js';
import { changesState, type ProtectedResource, type Resources, scopesOf } from './resources.js';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const OPEN_GRANTS: readonly string[] = ['authorization_code', 'refresh_token', DEVICE_GRANT];

/** A client that is known from the start. */
export type KnownClient = {
  id: string;
  /** Without one the client is public. */
  secret?: string;
  name?: string;
  redirectUris?: readonly string[];
  grants: readonly string[];
};

/** Its secret is public, like everything else about it: it is for curl. */
export const DEMO: KnownClient = {
  id: 'demo',
  secret: 'demo-secret',
  name: 'curl, as the demo client',
  grants: ['client_credentials', DEVICE_GRANT],
};

/** With this the registry asks servers what tools they have, and needs no scope for that. */
export const REGISTRY: KnownClient = {
  ...REGISTRY_CLIENT,
  name: 'the registry',
  grants: ['client_credentials'],
};

/**
 * The pages that people sign in to: where calls are approved, of each server that has any to approve, and the registry's.
 * Made for each request, since where they are is known later than this server starts; undefined for any other id, and as
 * long as there are none.
 */
export function pagesClient(id: string, resources: Resources): ClientMetadata | undefined {
  const pages = PAGES.get(id);
  if (pages === undefined) return undefined;
  const { name, callback, at } = pages;
  const redirectUris = resources()
    .filter(at)
    .map(({ resource }) => `${new URL(resource).origin}${callback}`);
  return redirectUris.length === 0
    ? undefined
    : toMetadata({ id, name, redirectUris, grants: ['authorization_code'] });
}

type PagesClient = { name: string; callback: string; at: (one: ProtectedResource) => boolean };
// A Map, because anybody chooses the id that is looked up: an object also has `constructor` and `toString`.
const PAGES: ReadonlyMap<string, PagesClient> = new Map([
  [APPROVALS_CLIENT, { name: 'the approval pages', callback: CALLBACK_PATH, at: changesState }],
  [
    REGISTRY_PAGES_CLIENT,
    {
      name: "the registry's pages",
      callback: REGISTRY_CALLBACK_PATH,
      at: (one: ProtectedResource) => scopesOf(one).includes(REGISTRY_WRITE),
    },
  ],
]);

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
 * Called for each client, before the library checks it. `registering` is true for a registration request; a document
 * is known by the address that is its client's id.
 *
 * @throws InvalidClientMetadata
 */
export function settleMetadata(metadata: ClientMetadata, registering: boolean): void {
  // Scopes are a resource's matter, and checked at each request.
  delete metadata.scope;
  // Answers leave as a redirect; the library's other way is a page that submits itself by script.
  metadata.response_modes = ['query'];
  if (registering || URL.canParse(metadata.client_id)) settleStranger(metadata, registering);
  const redirects = listed(metadata.redirect_uris)
    .filter((uri) => URL.canParse(uri))
    .map((uri) => new URL(uri));
  const plainLoopback = redirects.some((url) => url.protocol === 'http:' && isLoopback(url.hostname));
  const secureLoopback = redirects.some((url) => url.protocol === 'https:' && isLoopback(url.hostname));
  // Native: any port of a loopback redirect will do, and consent is asked for each time. Our own pages are at one
  // port, and whatever listens at another is not them.
  const anyPort = plainLoopback && !secureLoopback && !PAGES.has(metadata.client_id);
  metadata.application_type = anyPort ? 'native' : 'web';
}

function settleStranger(metadata: ClientMetadata, registering: boolean): void {
  if (registering) {
    metadata.token_endpoint_auth_method = 'none';
    delete metadata.client_secret;
    delete metadata.client_secret_expires_at;
  }
  if (Array.isArray(metadata.grant_types)) {
    metadata.grant_types = metadata.grant_types.filter((grant) => OPEN_GRANTS.includes(grant));
  }
  for (const uri of listed(metadata.redirect_uris)) {
    if (!isRedirect(uri)) {
      throw new errors.InvalidClientMetadata('redirect_uris must be https, or http on loopback');
    }
  }
}

// What is no list of texts is for the library to refuse.
function listed(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function isRedirect(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
