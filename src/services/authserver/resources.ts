/**
 * The resource servers that tokens are for, and which scopes a request may ask for. A scope that no requested
 * resource has is refused by name, not silently dropped. Only a person can approve a call, and only the
 * approval pages get the scope that decides on approvals: another client could approve its own calls.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { APPROVALS_CLIENT, DECIDES } from '../../governance/approval/addresses.js';
import { READ_PERSONAL_DATA } from '../../governance/policy/columns.js';
import { canonicalResource } from '../../oauth/audience.js';
import { APPROVED } from '../../oauth/scopes.js';

/** Scopes of OpenID Connect, which belong to no resource. */
export const OPENID_SCOPES: readonly string[] = ['openid', 'offline_access'];
/** A client gets these only when it asks for them. */
const EXPLICIT_SCOPES: readonly string[] = [APPROVED, DECIDES, READ_PERSONAL_DATA];
/** The endpoints at which a client requests scopes; elsewhere the granted ones apply. */
const REQUEST_ROUTES = new Set(['authorization', 'device_authorization']);

export type ProtectedTool = {
  name: string;
  title: string;
  description: string;
  scope: string;
  destructive: boolean;
};

export type ProtectedResource = {
  /** Its resource identifier, e.g. http://localhost:3000/mcp: the audience of its tokens. */
  resource: string;
  /** Display name. */
  name: string;
  tools: readonly ProtectedTool[];
  /** Scopes besides those of its tools. */
  scopes?: readonly string[];
  /** Default: `jwt`. An opaque token has to be introspected. */
  tokenFormat?: 'jwt' | 'opaque';
};

/** Called for each request, because the resources may become known after this server has started. */
export type Resources = () => readonly ProtectedResource[];

/** @throws InvalidTarget */
export function requireResource(resources: Resources, identifier: string): ProtectedResource {
  const canonical = canonicalResource(identifier);
  const all = resources();
  const match = all.find(({ resource }) => canonicalResource(resource) === canonical);
  if (canonical !== undefined && match !== undefined) return match;
  const names = all.map(({ resource }) => resource).join(', ') || 'none';
  throw new errors.InvalidTarget(`no resource ${printable(identifier)} here; there is: ${names}`);
}

/** error_description is ASCII without quotes (RFC 6749, section 5.2), and a URL parser escapes the rest. */
function printable(identifier: string): string {
  return URL.canParse(identifier) ? new URL(identifier).href : 'of that name';
}

/** Without duplicates. There are approval scopes only where a tool changes something. */
export function scopesOf({ tools, scopes = [] }: ProtectedResource): string[] {
  const approval = changesState({ tools }) ? [APPROVED, DECIDES] : [];
  return [...new Set([...tools.map(({ scope }) => scope), ...scopes, ...approval])];
}

export function changesState({ tools }: Pick<ProtectedResource, 'tools'>): boolean {
  return tools.some(({ destructive }) => destructive);
}

type Indicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;
type ScopeRequest = { scopes: string[]; identifiers: string[]; grantType: unknown; clientId: string };

export function resourceIndicators(resources: Resources, accessTokenS: number): Indicators {
  return {
    enabled: true,
    defaultResource: (ctx, { clientId }, oneOf) => {
      if (oneOf !== undefined) return oneOf;
      const request = readRequest(ctx, clientId);
      const resource = inferResource(resources, request.scopes);
      if (resource === undefined) {
        checkScopes(resources, request);
        setDefaultScopes(ctx, request, ['openid']);
      }
      return resource;
    },
    getResourceServerInfo: (ctx, identifier, { clientId }) => {
      const resource = requireResource(resources, identifier);
      const request = readRequest(ctx, clientId);
      const identifiers = request.identifiers.length === 0 ? [identifier] : request.identifiers;
      const allScopes = checkScopes(resources, { ...request, identifiers });
      const defaults = allScopes.filter((scope) => !EXPLICIT_SCOPES.includes(scope));
      setDefaultScopes(ctx, request, defaults);
      // An approval belongs to the token that the click produced. If a refresh kept it, a client with a stale
      // approval would refresh again instead of asking the person.
      const available = scopesOf(resource).filter(
        (scope) =>
          (scope !== APPROVED || request.grantType !== 'refresh_token') &&
          (scope !== DECIDES || clientId === APPROVALS_CLIENT),
      );
      return {
        scope: available.join(' '),
        audience: resource.resource,
        accessTokenTTL: accessTokenS,
        accessTokenFormat: resource.tokenFormat ?? 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      };
    },
    useGrantedResource: () => true,
  };
}

function readRequest({ oidc }: KoaContextWithOIDC, clientId: string): ScopeRequest {
  const { scope, resource, grant_type: grantType } = oidc.params ?? {};
  return {
    scopes: typeof scope === 'string' ? [...new Set(scope.split(' ').filter(Boolean))] : [],
    identifiers: [resource].flat().filter((one) => typeof one === 'string'),
    grantType,
    clientId,
  };
}

/** RFC 6749, section 3.3: a request without scopes gets the defaults. */
function setDefaultScopes({ oidc }: KoaContextWithOIDC, { scopes }: ScopeRequest, defaults: string[]): void {
  if (scopes.length > 0 || !REQUEST_ROUTES.has(oidc.route) || oidc.params === undefined) return;
  oidc.params.scope = [...new Set(defaults)].join(' ');
}

/** Returns the scopes of all requested resources. @throws InvalidTarget, InvalidScope */
function checkScopes(resources: Resources, request: ScopeRequest): string[] {
  const { scopes, identifiers, grantType, clientId } = request;
  const isClientOnly = grantType === 'client_credentials';
  if (isClientOnly && scopes.includes(APPROVED)) {
    throw new errors.InvalidScope(
      `only a person can grant ${APPROVED}, and client_credentials asks nobody: use the device flow or the authorization code flow`,
      APPROVED,
    );
  }
  if (scopes.includes(DECIDES) && clientId !== APPROVALS_CLIENT) {
    throw new errors.InvalidScope(
      `${DECIDES} is given to a person on the approval pages only (client ${APPROVALS_CLIENT})`,
      DECIDES,
    );
  }
  const available = identifiers.flatMap((identifier) => scopesOf(requireResource(resources, identifier)));
  const openid = isClientOnly ? [] : OPENID_SCOPES;
  const unknownScopes = scopes.filter((scope) => !available.includes(scope) && !openid.includes(scope));
  if (unknownScopes.length === 0) return available;
  const where = identifiers.length === 0 ? 'no resource here' : identifiers.map(printable).join(' and ');
  const has = available.length === 0 ? '' : `, which has: ${available.join(' ')}`;
  throw new errors.InvalidScope(
    `${unknownScopes.join(' ')} is unknown to ${where}${has}`,
    unknownScopes.join(' '),
  );
}

/**
 * The resource of a request that names none: the only one that has all requested scopes.
 *
 * @throws InvalidTarget when several have them.
 */
function inferResource(resources: Resources, scopes: readonly string[]): string | undefined {
  const toolScopes = scopes.filter((scope) => !OPENID_SCOPES.includes(scope));
  if (toolScopes.length === 0) return undefined;
  const matches = resources().filter((one) => toolScopes.every((scope) => scopesOf(one).includes(scope)));
  if (matches.length < 2) return matches[0]?.resource;
  throw new errors.InvalidTarget(
    `say which resource the token is for: ${matches.map(({ resource }) => resource).join(' or ')}`,
  );
}
