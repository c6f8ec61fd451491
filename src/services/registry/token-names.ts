/** The registry's names at an authorization server: its scope and its clients. */

/** Allows adding, switching and accepting. */
export const REGISTRY_WRITE = 'registry:write';
/** The default client id of the registry's pages. */
export const REGISTRY_PAGES_CLIENT = 'barewire-registry-pages';
/** Where the authorization server sends a person after sign-in. */
export const REGISTRY_CALLBACK_PATH = '/callback';
/** The client that gets the registry's own tokens from the development authorization server, without any scope. */
export const REGISTRY_CLIENT = { id: 'barewire-registry', secret: 'registry-secret' };
