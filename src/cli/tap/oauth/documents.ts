/** Rewrites the three places that tell a client where to get a token: the challenge, and the two metadata documents. */
import type { JsonObject } from '../../../wire/value.js';
import { type Addresses, facadePath, towardsClient } from './addresses.js';

/** The endpoints that clients use. Each gets an address on the tap that ends with its name. */
export const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
] as const;
/** Signed or for other connections: they could not be changed, or not be reached. */
const LEFT_OUT = ['signed_metadata', 'mtls_endpoint_aliases'];

/** A `WWW-Authenticate` header. `locate` gives the address on the tap of a metadata document. */
export function rewriteChallenge(value: string, locate: (url: string) => string): string {
  return value.replace(
    /(\bresource_metadata\s*=\s*)(?:"([^"]*)"|([^\s,"]+))/gi,
    (_, name: string, quotedUrl: string | undefined, plain: string | undefined) =>
      `${name}"${locate(quotedUrl ?? plain ?? '')}"`,
  );
}

/** Undefined if it names the resource of another server: then the client would refuse it without the tap, too. */
export function rewriteResource(document: JsonObject, addresses: Addresses): JsonObject | undefined {
  const { resource, authorization_servers: servers } = document;
  const tapResource = typeof resource === 'string' ? towardsClient(resource, addresses) : undefined;
  if (tapResource === undefined) return undefined;
  const onTap = (server: unknown): unknown =>
    typeof server === 'string' && URL.canParse(server) ? addresses.tap + facadePath(server) : server;
  return {
    ...leftOver(document),
    resource: tapResource,
    ...(Array.isArray(servers) ? { authorization_servers: servers.map(onTap) } : {}),
  };
}

/** @param issuer what the client expects to read, which is the address at which it asks */
export function rewriteIssuer(document: JsonObject, issuer: string, facade: string): JsonObject {
  const endpoints = ENDPOINTS.filter((name) => typeof document[name] === 'string');
  return {
    ...leftOver(document),
    issuer,
    ...Object.fromEntries(endpoints.map((name) => [name, `${facade}/${name}`])),
  };
}

function leftOver(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !LEFT_OUT.includes(name)));
}
