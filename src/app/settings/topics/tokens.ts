/** What a valid access token looks like, and how long a verified one is cached. */
import { CLIENT_CLAIMS } from '../../../oauth/token-claims.js';
import { topic } from '../setting.js';
import { count, IMPLICATIONS, list, milliseconds, whole } from '../types.js';

export const tokens = topic('tokens', 'Access tokens', (setting) => ({
  scopeImplies: setting('scope-implies', IMPLICATIONS, {
    default: 'jira:write=jira:read,incidents:write=incidents:read',
    help: 'Scopes that include other scopes.',
  }),
  tokenAlgorithms: setting('token-algorithms', list('ALG,…'), {
    default: 'RS256,PS256,ES256,ES384,EdDSA',
    help: 'Signature algorithms that are accepted. Only asymmetric ones are possible.',
  }),
  tokenTypes: setting('token-types', list('TYP,…'), {
    default: 'at+jwt',
    help: 'Accepted "typ" headers of access tokens. Add "JWT" for issuers that do not follow RFC 9068.',
  }),
  clientClaims: setting('client-claims', list('CLAIM,…'), {
    default: CLIENT_CLAIMS.join(),
    help: 'Claims that may name the client of a token; the first one present counts. Some issuers use "appid".',
  }),
  clockToleranceS: setting('clock-tolerance-s', whole('S', 0, 300), {
    default: 5,
    help: "Seconds by which an issuer's clock may differ.",
  }),
  tokenCacheEntries: setting('token-cache', count(0, 1_000_000), {
    default: 10_000,
    help: 'Number of verified tokens to cache.',
  }),
  tokenCacheMs: setting('token-cache-ms', milliseconds(0, 60_000), {
    default: 60_000,
    help: 'How long a verified token stays in the cache, at most a minute.',
  }),
}));
