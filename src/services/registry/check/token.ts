/**
 * The registry's own tokens, one per server that it asks. Its secret goes only to the issuer that the operator named,
 * whatever a manifest says. It requests a token with the endpoint as `resource` and without a scope. An issuer may ignore
 * that, so a token that is valid for more than this endpoint is withheld: the server may be a stranger's, and a check needs
 * no rights. The server verifies the signature, not the registry.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 */
import * as oauth from 'oauth4webapi';
import { canonicalResource, describe } from '../../../oauth/audience.js';
import { authentication, createDiscovery } from '../../../pages/signin/authorization.js';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';

export type Tokens = {
  /** Rejects NoToken | TokenWithheld. */
  for(resource: string, issuers: readonly string[]): Promise<string>;
};

export class NoToken extends Error {
  override readonly name = 'NoToken';
}

/** There is a token, but the server must not see it. */
export class TokenWithheld extends Error {
  override readonly name = 'TokenWithheld';
}

export type TokensOptions = {
  issuer: string;
  client: { id: string; secret: string };
  clock: () => Date;
};

const MAX_STORED = 20_000;
/** A token that expires sooner is not used. */
const MIN_REMAINING_MS = 30_000;
/** How long a refusal is stored, because each request costs the issuer something. */
const REFUSAL_MS = 5 * 60_000;

type StoredToken = { until: number } & ({ token: string } | { error: Error });

export function createTokens({ issuer, client: { id, secret }, clock }: TokensOptions): Tokens {
  const { sending, discover } = createDiscovery({ issuer, clock });
  const client = { client_id: id };
  const storedTokens = new Map<string, StoredToken>();

  async function request(resource: string): Promise<StoredToken> {
    const server = await discover();
    const parameters = new URLSearchParams({ resource });
    const auth = authentication(server, secret);
    const response = await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, sending);
    const answer = await oauth.processClientCredentialsResponse(server, client, response);
    const { access_token: token, expires_in: seconds = 60 } = answer;
    const now = clock().getTime();
    const reason = reasonToWithhold(token, resource, answer.scope);
    if (reason === undefined) return { token, until: now + seconds * 1_000 - MIN_REMAINING_MS };
    const error = new TokenWithheld(`the token of ${issuer} is not sent to ${resource}: ${reason}`);
    return { error, until: now + REFUSAL_MS };
  }

  /** A refusal is stored like a token; when the issuer cannot be reached, the next check asks again. */
  async function requestOrRefusal(resource: string): Promise<StoredToken> {
    try {
      return await request(resource);
    } catch (cause) {
      const refusal = refusalOf(cause);
      if (refusal === undefined) throw new NoToken(`${issuer} cannot be asked`, { cause });
      const error = new NoToken(`${issuer} gives no token for ${resource}: ${refusal}`, { cause });
      return { error, until: clock().getTime() + REFUSAL_MS };
    }
  }

  return {
    async for(resource, issuers) {
      if (!issuers.includes(issuer))
        throw new NoToken(
          `the server takes tokens of ${issuers.join(', ')}, and the registry has those of ${issuer}`,
        );
      let entry = storedTokens.get(resource);
      if (entry === undefined || entry.until <= clock().getTime()) {
        entry = await requestOrRefusal(resource);
        if (storedTokens.size >= MAX_STORED) storedTokens.clear();
        storedTokens.set(resource, entry);
      }
      if ('error' in entry) throw entry.error;
      return entry.token;
    },
  };
}

/** The issuer's reason; undefined when it could not be reached. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof oauth.ResponseBodyError) return error.error;
  // A 401 with a challenge, which concerns only the client's credentials (RFC 6749, section 5.2).
  return error instanceof oauth.WWWAuthenticateChallengeError
    ? "it does not accept the registry's client (invalid_client)"
    : undefined;
}

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
/** Roles that Keycloak gives everybody, and that are worth nothing at a server. */
const DEFAULT_ROLES = /^(offline_access|uma_authorization|default-roles-.*)$/;

/** `grantedScope` is the scope in the issuer's answer. */
function reasonToWithhold(
  token: string,
  resource: string,
  grantedScope: string | undefined,
): string | undefined {
  const claims = claimsOf(token);
  if (claims === undefined) return 'it is opaque, so the registry cannot tell where else it is valid';
  const audiences: unknown[] = [claims.aud].flat();
  const [audience] = audiences;
  const isOwn =
    audiences.length === 1 &&
    typeof audience === 'string' &&
    canonicalResource(audience) !== undefined &&
    canonicalResource(audience) === canonicalResource(resource);
  if (!isOwn) return `expected "aud" ${resource} alone, received ${describe(claims.aud)}`;
  for (const name of RIGHTS) {
    if (grantsSomething(claims[name]))
      return `expected no "${name}", because a check needs none, received ${describe(claims[name])}`;
  }
  if (!grantsSomething(grantedScope)) return undefined;
  return `expected no scope, because a check needs none; the issuer granted ${describe(grantedScope)}`;
}

/** The claims of a signed JWT; undefined for any other text, and for an encrypted one. */
function claimsOf(token: string): JsonObject | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => parseJson(Buffer.from(part, 'base64url').toString('utf8')));
    const isSigned = isRecord(header) && typeof header.alg === 'string';
    return isSigned && isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function grantsSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.some((one) => typeof one !== 'string' || !DEFAULT_ROLES.test(one));
  return !isRecord(value) || Object.values(value).some(grantsSomething);
}
