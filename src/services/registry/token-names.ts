/** By what the registry is known to an authorization server, and what a token for it may be good for. */

/** The scope of whoever may add, switch and accept. */
export const REGISTRY_WRITE = 'registry:write';
/** The pages' client id, unless they were registered by another. */
export const REGISTRY_PAGES_CLIENT = 'barewire-registry-pages';
/** Where the authorization server sends a person back to who has signed in. */
export const REGISTRY_CALLBACK_PATH = '/callback';
/** As what the registry gets tokens of its own from the development authorization server: for discovery, without any scope. */
export const REGISTRY_CLIENT = { id: 'barewire-registry', secret: 'registry-secret' };
