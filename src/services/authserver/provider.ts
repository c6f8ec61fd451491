/**
 * oidc-provider, configured: which grants there are, how long things live, what a token says, and where its pages come
 * from. Built anew when keys change, over the same memory. What it asks people is in interaction.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 */

import { type Adapter, type Configuration, interactionPolicy, Provider } from 'oidc-provider';
import { APPROVED } from '../../oauth/scopes.js';
import { isRecord } from '../../wire/value.js';
import { OPENID_SCOPES, requireResource } from './asked.js';
import type { ReadDocument } from './client-documents.js';
import { type KnownClient, pagesClient, settleMetadata, toMetadata } from './clients.js';
import { deviceFeature, renderError } from './device.js';
import type { Fetch } from './guarded-fetch.js';
import type { Keys } from './keys.js';
import { isLocalPage } from './local-page.js';
import { answerOwnTokens } from './own-tokens.js';
import { findPerson, TENANT } from './people.js';
import { noteUse, type Registrations, sourceOf } from './registrations.js';
import { changesState, type Resources } from './resources.js';
import type { RevokedTokens } from './revoked.js';
import { resourceIndicators } from './targets.js';

const DAY_S = 24 * 60 * 60;
const STATED = {
  response_modes_supported: ['query'],
  introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
};

export type ProviderParts = {
  issuer: string;
  keys: Keys;
  memory: (kind: string) => Adapter;
  clients: readonly KnownClient[];
  resources: Resources;
  accessTokenS: number;
  fetch: Fetch;
  readDocument: ReadDocument;
  registrations: Registrations;
  revoked: RevokedTokens;
  onError: (error: unknown, about: string) => void;
};

export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, configuration(parts));
  provider.on('server_error', (ctx, error) => parts.onError(error, `authserver ${ctx.method} ${ctx.path}`));
  provider.on('registration_create.success', (ctx, client) =>
    parts.registrations.add(client.clientId, sourceOf(ctx.get('origin') || undefined)),
  );
  provider.onerror = (error) => parts.onError(error, 'authserver');
  provider.use(answerOwnTokens(parts.issuer, parts.keys, parts.revoked));
  provider.use(async (ctx, next) => {
    await next();
    // What the library states whatever it is told.
    if (ctx.path.startsWith('/.well-known/') && isRecord(ctx.body)) Object.assign(ctx.body, STATED);
  });
  return provider;
}

function configuration(parts: ProviderParts): Configuration {
  const { keys, memory, clients, resources, accessTokenS } = parts;
  return {
    adapter: (kind) => {
      if (kind === 'Client') return withLater(memory(kind), parts);
      return kind === 'Grant' ? noteUse(memory(kind), parts.registrations) : memory(kind);
    },
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
      // Called once for each name in this list, so one is enough.
      properties: ['software_id'],
      validator: (ctx, _key, _value, metadata) => settleMetadata(metadata, ctx !== undefined),
    },
    // No cookie counts at these endpoints, so a page of this machine may ask what any program on it may. Another's may
    // not: the demo client's secret is known, and its tokens would be for any page to take.
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
    features: features(parts),
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
    // A client that registered the grant expects the token, asked for or not. Where tools change something it has to ask:
    // version 1 of the official TypeScript client never does, and with one it would refresh at each step-up, for ever
    // refused, and never have the person asked.
    issueRefreshToken: (_ctx, client, { scopes, resource }) =>
      client.grantTypeAllowed('refresh_token') &&
      (scopes.has('offline_access') || !leadsToChange(resources, resource)),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    renderError,
    fetch: parts.fetch,
  };

  function features({ accessTokenS }: ProviderParts): Configuration['features'] {
    return {
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      deviceFlow: deviceFeature,
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
    };
  }
}

/**
 * The library's policy, with the password asked for each time, and a click for each approval. A browser sends the session's
 * cookie to every port of this host (RFC 6265, section 8.5), so it proves no person: it only fills in their address.
 */
function policy(): interactionPolicy.DefaultPolicy {
  const { base, Check } = interactionPolicy;
  const all = base();
  const password = new Check('password', 'the password is asked for each time', 'login_required', (ctx) => {
    return ctx.oidc.result?.login === undefined;
  });
  all.get('login')?.checks.add(password);
  const check = new Check('human_approval', 'a person has to approve', 'consent_required', (ctx) => {
    const asked = ctx.oidc.requestParamScopes.has(APPROVED);
    return asked && ctx.oidc.result?.consent === undefined;
  });
  all.get('consent')?.checks.add(check);
  return all;
}

/** Clients that are in no memory: pages of our own, and those who are described at the address that is their id. */
function withLater(adapter: Adapter, { resources, readDocument }: ProviderParts): Adapter {
  return {
    ...adapter,
    find: async (id) => {
      return pagesClient(id, resources) ?? (await adapter.find(id)) ?? readDocument(id);
    },
  };
}

function leadsToChange(resources: Resources, resource: string | string[] | undefined): boolean {
  return [resource ?? []].flat().some((one) => changesState(requireResource(resources, one)));
}
