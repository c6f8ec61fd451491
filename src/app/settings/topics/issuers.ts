/** Who issues access tokens, and how their keys are fetched. */
import { topic } from '../setting.js';
import { CREDENTIALS, FILE, ISSUERS, milliseconds } from '../types.js';

export const issuers = topic('issuers', 'Issuers of access tokens', (setting) => ({
  issuers: setting('issuer', ISSUERS, {
    defaultText: 'the development authorization server',
    help: 'Issuers whose tokens are accepted. Each is found by its metadata.',
  }),
  issuerRules: setting('issuer-rules', FILE, {
    help: 'JSON {"ISSUER": {"tenants": [], "scopes": [], "tenant": ""}}. Every member is optional: the tenants that tokens of this issuer may name, the scopes they may grant, and the tenant of a token that names none. With several issuers, a token without a tenant is rejected unless "tenant" is set.',
  }),
  introspection: setting('introspection-client', CREDENTIALS, {
    help: 'Client that asks the first issuer about opaque tokens. Without one, opaque tokens are rejected.',
  }),
  workloads: setting('workloads', FILE, {
    help: 'JSON {"trustDomain", "bundle", "scopes": {"spiffe://…": ["scope"]}, "tenant"}: SPIFFE workloads that may call, and their tenant, which is required together with --issuer.',
  }),
  keysMaxAgeMs: setting('keys-max-age-ms', milliseconds(0), {
    default: 600_000,
    help: "How long an issuer's keys are trusted before they are fetched again.",
  }),
  keysCooldownMs: setting('keys-cooldown-ms', milliseconds(0), {
    default: 2_000,
    help: 'Minimum time between two fetches of keys that tokens with an unknown key cause.',
  }),
}));
