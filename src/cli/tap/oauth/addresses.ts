/**
 * Addresses on both sides of the tap. A client accepts a token flow only if the metadata names the address that it uses, so what
 * names the server's origin names the tap's for the client, and each authorization server has an address on the tap.
 */
import { isLoopback } from '../../../oauth/protected-resource.js';

/** Paths of the tap itself, which no server has. */
export const OWN = '/.barewire-tap';
export const CALLBACK = `${OWN}/callback`;

export type Addresses = {
  /** Of the server behind the tap. */
  upstream: string;
  /** Of the tap, by the name that the client uses. */
  tap: string;
};

/** The same text with the tap's origin in place of the server's; undefined if it is another server's address. */
export function towardsClient(text: string, { upstream, tap }: Addresses): string | undefined {
  return withOrigin(text, (url) => url.origin === upstream, tap);
}

/** The reverse. Any name of this machine counts. */
export function towardsServer(text: string, { upstream, tap }: Addresses): string | undefined {
  const { port } = new URL(tap);
  return withOrigin(text, (url) => isLoopback(url.hostname) && url.port === port, upstream);
}

function withOrigin(text: string, isIt: (url: URL) => boolean, origin: string): string | undefined {
  if (!URL.canParse(text) || !isIt(new URL(text))) return undefined;
  // The rest stays as it was written, because resources are compared as text.
  const [, rest = ''] = /^[a-z]+:\/\/[^/?#]*(.*)$/is.exec(text) ?? [];
  return origin + rest;
}

/** Where an authorization server is found on the tap: its address says which one it is. */
export function facadePath(issuer: string): string {
  return `${OWN}/${issuer.replace('://', '/').replace(/\/$/, '')}`;
}

/** A well-known address of an authorization server, in the three forms (RFC 8414, section 3; OpenID Connect Discovery). */
const BEFORE = /^\/\.well-known\/(oauth-authorization-server|openid-configuration)(\/.*)?$/;
const AFTER = /^(.*)\/\.well-known\/openid-configuration$/;

export type MetadataPath = {
  /** The path of the issuer. */
  issuerPath: string;
  /** The same document of another issuer. */
  of(issuer: string): URL;
};

export function metadataPath(path: string): MetadataPath | undefined {
  const [, document, before = ''] = BEFORE.exec(path) ?? [];
  if (document !== undefined)
    return {
      issuerPath: before,
      of: (issuer) => new URL(`/.well-known/${document}${pathOf(issuer)}`, issuer),
    };
  const [, after] = AFTER.exec(path) ?? [];
  if (after === undefined) return undefined;
  return {
    issuerPath: after,
    of: (issuer) => new URL(`${pathOf(issuer)}/.well-known/openid-configuration`, issuer),
  };
}

function pathOf(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}
