/**
 * Whether the registry may send its own token to a server that it checks. The server may be a stranger's, so the token must be
 * worthless anywhere else: a JWT whose only audience is this endpoint and which grants nothing, because a check needs no rights.
 * The signature is not verified here; that is the server's job.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-3
 */
import { canonicalResource, describe } from '../../../oauth/audience.js';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';

/** Claims in which issuers grant rights. RFC 9068 names `groups`, `roles` and `entitlements`; the others come from products. */
const RIGHTS = [
  'scope',
  'scp',
  'permissions',
  'roles',
  'groups',
  'entitlements',
  'authorities',
  'authorization_details',
  'resource_access',
  'realm_access',
] as const;
/** What Keycloak gives everybody, and what is good for nothing at a server. */
const EVERYBODYS = /^(offline_access|uma_authorization|default-roles-.*)$/;

/** Why the token is not sent to `resource`; undefined when it may be. `granted` is the scope in the issuer's answer. */
export function reasonToWithhold(
  token: string,
  resource: string,
  granted: string | undefined,
): string | undefined {
  const claims = claimsIn(token);
  if (claims === undefined) return 'it is opaque, so the registry cannot tell where else it is valid';
  const { aud } = claims;
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const [audience] = audiences;
  const own = canonicalResource(resource);
  const named = typeof audience === 'string' ? canonicalResource(audience) : undefined;
  if (audiences.length !== 1 || own === undefined || named !== own)
    return `expected "aud" ${resource} alone, received ${describe(aud)}`;
  for (const name of RIGHTS) {
    if (!isNothing(claims[name]))
      return `expected no "${name}", because a check needs none, received ${describe(claims[name])}`;
  }
  return isNothing(granted)
    ? undefined
    : `expected no scope, because a check needs none; the issuer granted ${describe(granted)}`;
}

/** The claims of a signed JWT; undefined for any other text, and for one that is encrypted. */
function claimsIn(token: string): JsonObject | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [header, claims] = parts.slice(0, 2).map(readPart);
  return header !== undefined && typeof header.alg === 'string' ? claims : undefined;
}

function readPart(part: string): JsonObject | undefined {
  try {
    const value: unknown = parseJson(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string' && EVERYBODYS.test(one));
  return isRecord(value) && Object.values(value).every(isNothing);
}
