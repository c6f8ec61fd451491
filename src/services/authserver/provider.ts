/**
 * The configuration of oidc-provider: grants, lifetimes, what a token contains, and where the pages come
 * from. What it asks people is in interaction.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */
import { type Adapter, type Configuration, errors, interactionPolicy, Provider } from 'oidc-provider';
import { APPROVED } from '../../oauth/scopes.js';
import type { Links } from '../../pages/bar.js';
import { now } from '../../wire/clock.js';
import type { OnError } from '../../wire/log.js';
import { isRecord } from '../../wire/value.js';
import { createDocumentFetch, createReadDocument } from './client-documents.js';
import { isLocalPage, type KnownClient, pagesClient, settleMetadata, toMetadata } from './clients.js';
import { createDevicePages } from './device.js';
import type { Keys } from './keys.js';
import { createMemory } from './memory.js';
import { answerOwnTokens, createRevokedTokens } from './own-tokens.js';
import { findPerson, TENANT } from './people.js';
import { createRegistrations } from './registrations.js';
import {
  changesState,
  OPENID_SCOPES,
  type Resources,
  requireResource,
  resourceIndicators,
} from './resources.js';

const DAY_S = 24 * 60 * 60;
const RETRY_AFTER_S = '60';
/** What the library states in its metadata regardless of its configuration. */
const CORRECTED_METADATA = {
  response_modes_supported: ['query'],
  introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
};

export type ProviderOptions = {
  issuer: string;
  keys: Keys;
  clients: readonly KnownClient[];
  resources: Resources;
  accessTokenS: number;
  links: () => Links;
  onError: OnError;
};

export function createProvider(options: ProviderOptions): Provider {
  const { issuer, keys, resources, onError } = options;
  const fetch = createDocumentFetch();
  const memory = createMemory(now);
  const clientStore = memory('Client');
  const registrations = createRegistrations(now, (id) => void clientStore.destroy(id));
  const readDocument = createReadDocument(fetch, memory('ClientDocument'));
  const clientAdapter: Adapter = {
    ...clientStore,
    /** Also finds clients that are not stored: our own pages, and clients described at their id. */
    find: async (id) => pagesClient(id, resources) ?? (await clientStore.find(id)) ?? readDocument(id),
    async upsert(id, payload, expiresIn) {
      // A request without an origin comes from a program.
      const refusal = registrations.add(id, Provider.ctx?.get('origin') || 'a program');
      if (refusal === undefined) return clientStore.upsert(id, payload, expiresIn);
      Provider.ctx?.set('retry-after', RETRY_AFTER_S);
      throw Object.assign(new errors.TemporarilyUnavailable(refusal), { statusCode: 429 });
    },
  };
  const adapter = (kind: string): Adapter => (kind === 'Client' ? clientAdapter : memory(kind));
  const provider = new Provider(issuer, { ...configuration(options), fetch, adapter });
  // Each new grant means that a person has authorized a client.
  provider.on('grant.saved', ({ clientId = '' }) => registrations.use(clientId));
  provider.on('server_error', (ctx, error) =>
    onError(error, 'authserver.failed', { about: `${ctx.method} ${ctx.path}` }),
  );
  provider.onerror = (error) => onError(error, 'authserver.failed');
  provider.use(answerOwnTokens(issuer, keys, createRevokedTokens(now)));
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith('/.well-known/') && isRecord(ctx.body))
      Object.assign(ctx.body, CORRECTED_METADATA);
  });
  return provider;
}

function configuration(options: ProviderOptions): Configuration {
  const { keys, clients, resources, accessTokenS } = options;
  const { deviceFlow, renderError } = createDevicePages(options.links);
  return {
    jwks: { keys: keys.signing.map(({ jwk }) => ({ ...jwk })) },
    cookies: {
      keys: keys.cookies,
      names: {
        session: 'authserver_session',
        interaction: 'authserver_interaction',
        resume: 'authserver_resume',
      },
    },
    clients: clients.map(toMetadata),
    clientDefaults: { token_endpoint_auth_method: 'none' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    extraClientMetadata: {
      // The library calls the validator once per name in this list; one name is enough.
      properties: ['software_id'],
      validator: (ctx, _key, _value, metadata) => settleMetadata(metadata, ctx !== undefined),
    },
    // A page of this machine may call these endpoints, as any program on it may. Other pages may not: the
    // demo client's secret is public, and any page could take its tokens.
    clientBasedCORS: (_ctx, origin) => isLocalPage(origin),
    scopes: [...OPENID_SCOPES],
    responseTypes: ['code'],
    pkce: { required: () => true },
    routes: {
      authorization: '/authorize',
      code_verification: '/device',
      device_authorization: '/device_authorization',
      introspection: '/introspect',
      jwks: '/jwks',
      registration: '/register',
      revocation: '/revoke',
      token: '/token',
      userinfo: '/userinfo',
    },
    ttl: {
      AccessToken: accessTokenS,
      AuthorizationCode: 60,
      ClientCredentials: accessTokenS,
      DeviceCode: 10 * 60,
      Grant: 14 * DAY_S,
      IdToken: accessTokenS,
      Interaction: 10 * 60,
      RefreshToken: DAY_S,
      Session: DAY_S,
    },
    features: {
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      deviceFlow,
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.clientSecret !== undefined || token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: { enabled: false },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      resourceIndicators: resourceIndicators(resources, accessTokenS),
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
    },
    interactions: { policy: policy(), url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => {
      const person = findPerson(sub);
      return person && { accountId: person.email, claims: () => ({ sub: person.email }) };
    },
    extraTokenClaims: (ctx, token) => {
      const { Grant: grant } = ctx.oidc.entities;
      const approved = token.scope?.split(' ').includes(APPROVED) === true;
      if (approved && grant?.iat === undefined) throw new Error('an approval without its grant');
      return { tenant: TENANT, ...(approved ? { approved_at: grant?.iat } : {}) };
    },
    // A client that registered the grant expects the token, even unasked. Where tools change something it has
    // to ask: with a refresh token, version 1 of the official TypeScript client would never ask the person.
    issueRefreshToken: (_ctx, client, { scopes, resource }) =>
      client.grantTypeAllowed('refresh_token') &&
      (scopes.has('offline_access') || !mayChangeState(resources, resource)),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    renderError,
  };
}

/**
 * The library's policy, but the password is asked for each time, and each approval needs a click. A browser
 * sends the session's cookie to every port (RFC 6265, section 8.5), so it only prefills the address.
 */
function policy(): interactionPolicy.DefaultPolicy {
  const { base, Check } = interactionPolicy;
  const all = base();
  const password = new Check('password', 'the password is asked for each time', 'login_required', (ctx) => {
    return ctx.oidc.result?.login === undefined;
  });
  all.get('login')?.checks.add(password);
  const approval = new Check('human_approval', 'a person has to approve', 'consent_required', (ctx) => {
    return ctx.oidc.requestParamScopes.has(APPROVED) && ctx.oidc.result?.consent === undefined;
  });
  all.get('consent')?.checks.add(approval);
  return all;
}

function mayChangeState(resources: Resources, resource: string | string[] | undefined): boolean {
  return [resource ?? []].flat().some((one) => changesState(requireResource(resources, one)));
}
