/** Who may call. */
import { CLIENT_CLAIMS } from '../../../oauth/token-claims.js';
import { optional, setting } from '../setting.js';
import * as tables from '../tables.js';
import * as types from '../types.js';

/** Who issues access tokens, and how their keys are fetched. */
export const issuers = {
  issuers: optional('issuer', types.ISSUERS, {
    defaultText: 'the development authorization server',
    help: 'Issuers whose tokens are accepted. Each is found by its metadata.',
  }),
  issuerRules: optional('issuer-rules', types.FILE, {
    help: 'JSON {"ISSUER": {"tenants": [], "scopes": [], "tenant": ""}}. Every member is optional: the tenants that tokens of this issuer may name, the scopes they may grant, and the tenant of a token that names none. With several issuers, a token without a tenant is rejected unless "tenant" is set.',
  }),
  introspection: optional('introspection-client', types.CREDENTIALS, {
    help: 'Client that asks the first issuer about opaque tokens. Without one, opaque tokens are rejected.',
  }),
  workloads: optional('workloads', types.FILE, {
    help: 'JSON {"trustDomain", "bundle", "scopes": {"spiffe://…": ["scope"]}, "tenant"}: SPIFFE workloads that may call, and their tenant, which is required together with --issuer.',
  }),
  keysMaxAgeMs: setting('keys-max-age-ms', types.milliseconds(0), 600_000, {
    help: "How long an issuer's keys are trusted before they are fetched again.",
  }),
  keysCooldownMs: setting('keys-cooldown-ms', types.milliseconds(0), 2_000, {
    help: 'Minimum time between two fetches of keys because of tokens with an unknown key.',
  }),
};

/** What a valid access token looks like, and how long a verified one is cached. */
export const tokens = {
  scopeImplies: setting(
    'scope-implies',
    tables.IMPLICATIONS,
    'jira:write=jira:read,incidents:write=incidents:read',
    {
      help: 'Scopes that include other scopes.',
    },
  ),
  tokenAlgorithms: setting('token-algorithms', types.list('ALG,…'), 'RS256,PS256,ES256,ES384,EdDSA', {
    help: 'Signature algorithms that are accepted. Only asymmetric ones are possible.',
  }),
  tokenTypes: setting('token-types', types.list('TYP,…'), 'at+jwt', {
    help: 'Accepted "typ" headers of access tokens. Add "JWT" for issuers that do not follow RFC 9068.',
  }),
  clientClaims: setting('client-claims', types.list('CLAIM,…'), CLIENT_CLAIMS.join(), {
    help: 'Claims that may name the client of a token; the first one present counts. Some issuers use "appid".',
  }),
  clockToleranceS: setting('clock-tolerance-s', types.whole('S', 0, 300), 5, {
    help: "Seconds by which an issuer's clock may differ.",
  }),
  tokenCacheEntries: setting('token-cache', types.count(0, 1_000_000), 10_000, {
    help: 'Number of verified tokens to cache.',
  }),
  tokenCacheMs: setting('token-cache-ms', types.milliseconds(0, 60_000), 60_000, {
    help: 'How long a verified token stays in the cache, at most a minute.',
  }),
};

/** The development authorization server. */
export const authserver = {
  authserverPort: setting('authserver-port', types.PORT, 3003, {
    help: 'Port of the development authorization server.',
  }),
  authserverPassword: optional('authserver-password', types.PASSWORD, {
    neededBy: ['authserver'],
    defaultText: 'a well-known password',
    help: 'Password of all its users, at least 12 characters.',
  }),
  stateHome: optional('state-home', types.FOLDER, {
    variable: 'XDG_STATE_HOME',
    defaultText: '~/.local/state',
    help: 'Folder for the keys of the development authorization server, and for what other settings keep there by default.',
  }),
};
