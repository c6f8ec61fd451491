/**
 * Whom a token is for. The library asks here for each resource of a request, and for the resource of a request that
 * names none; asked.ts says whether what is asked for there exists.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { APPROVALS_CLIENT, DECIDES } from '../../governance/approval/addresses.js';
import { APPROVED } from '../../oauth/scopes.js';
import { checkScopes, defaultScopes, inferResource, requireResource } from './asked.js';
import { type Resources, scopesOf } from './resources.js';

type Indicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;

/** Where scopes are asked for; elsewhere what was granted is taken up. */
const ASKING = new Set(['authorization', 'device_authorization']);

export function resourceIndicators(resources: Resources, accessTokenS: number): Indicators {
  return {
    enabled: true,
    defaultResource: (ctx, { clientId }, oneOf) => {
      if (oneOf !== undefined) return oneOf;
      const { scopes, alone, asking } = readRequest(ctx);
      const inferred = inferResource(resources, scopes);
      if (inferred === undefined) {
        checkScopes(resources, { scopes, resources: [], alone, clientId });
        // RFC 6749, section 3.3: who asks for nothing is told that here "nothing" means this.
        if (asking && scopes.length === 0) setScopes(ctx, ['openid']);
      }
      return inferred;
    },
    getResourceServerInfo: (ctx, identifier, { clientId }) => {
      const resource = requireResource(resources, identifier);
      const { scopes, identifiers, alone, asking, refreshing } = readRequest(ctx);
      const asked = identifiers.length === 0 ? [identifier] : identifiers;
      checkScopes(resources, { scopes, resources: asked, alone, clientId });
      if (asking && scopes.length === 0) {
        setScopes(
          ctx,
          asked.flatMap((one) => defaultScopes(requireResource(resources, one))),
        );
      }
      // An approval belongs to the token that follows from the click. Were it refreshed, a client whose approval has gone
      // stale would find the scope in its token and refresh again, rather than have the person asked.
      const known = scopesOf(resource).filter(
        (scope) =>
          (scope !== APPROVED || !refreshing) && (scope !== DECIDES || clientId === APPROVALS_CLIENT),
      );
      return {
        scope: known.join(' '),
        audience: resource.resource,
        accessTokenTTL: accessTokenS,
        accessTokenFormat: resource.tokenFormat ?? 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      };
    },
    useGrantedResource: () => true,
  };
}

type Request = {
  scopes: string[];
  identifiers: string[];
  alone: boolean;
  asking: boolean;
  refreshing: boolean;
};

function readRequest({ oidc }: KoaContextWithOIDC): Request {
  const { scope, resource, grant_type: grantType } = oidc.params ?? {};
  return {
    scopes: typeof scope === 'string' ? [...new Set(scope.split(' ').filter(Boolean))] : [],
    identifiers: [resource].flat().filter((one) => typeof one === 'string'),
    alone: grantType === 'client_credentials',
    asking: ASKING.has(oidc.route),
    refreshing: grantType === 'refresh_token',
  };
}

function setScopes({ oidc }: KoaContextWithOIDC, scopes: readonly string[]): void {
  if (oidc.params !== undefined) oidc.params.scope = [...new Set(scopes)].join(' ');
}
