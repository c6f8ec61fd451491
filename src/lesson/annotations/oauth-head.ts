/** Notes for request lines, status lines and headers of the authorization server, which speaks OAuth and knows nothing of MCP. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const OAUTH = 'RFC 6749';
const BEARER = 'RFC 6750';
const DEVICE = 'RFC 8628';
const REGISTRATION = 'RFC 7591';
const HTTP = 'RFC 9110';
const SERVER = 'src/services/authserver';

/** By the first segment of the path. */
export const OAUTH_LINES: NoteRows = {
  '.well-known': {
    what: 'the client learns the addresses of this server, and what it can do',
    modern: `${M}/authorization/010`,
    source: [`${SERVER}/provider.ts`, 'CORRECTED_METADATA = {'],
  },
  jwks: {
    what: 'the public keys, with which a resource server checks a token by itself',
    elsewhere: 'RFC 7517, section 5',
    source: [`${SERVER}/keys.ts`, 'function openKeys'],
  },
  register: {
    what: 'a client without an id registers itself',
    modern: `${M}/client-registration/012`,
    source: [`${SERVER}/registrations.ts`, 'function createRegistrations'],
  },
  authorize: {
    what: 'the client sends the browser here and says what it asks for; after the sign-in it comes back',
    elsewhere: `${OAUTH}, section 4.1.1`,
    source: [`${SERVER}/resources.ts`, 'function resourceIndicators'],
  },
  interaction: {
    what: 'a person signs in, and allows or denies; the protocol leaves this to the server',
    elsewhere: `${OAUTH}, section 3.1`,
    source: [`${SERVER}/interaction.ts`, 'function answerInteraction'],
  },
  token: {
    what: 'the client exchanges what it has (a code, a secret, a refresh token) for an access token',
    elsewhere: `${OAUTH}, section 3.2`,
    source: [`${SERVER}/provider.ts`, 'function configuration'],
  },
  device_authorization: {
    what: 'a client without a browser asks for two codes, one of them for a person with a browser',
    elsewhere: `${DEVICE}, section 3.1`,
    source: [`${SERVER}/device.ts`, 'function createDevicePages'],
  },
  device: {
    what: 'the page on which a person types or compares the short code',
    elsewhere: `${DEVICE}, section 3.3`,
    source: [`${SERVER}/device.ts`, 'function createDevicePages'],
  },
  introspect: {
    what: 'a resource server asks whether a token is still good',
    elsewhere: 'RFC 7662, section 2.1',
    source: [`${SERVER}/own-tokens.ts`, 'function answerOwnTokens'],
  },
  revoke: {
    what: 'the client gives a token back',
    elsewhere: 'RFC 7009, section 2.1',
    source: [`${SERVER}/own-tokens.ts`, 'function answerOwnTokens'],
  },
  userinfo: {
    what: 'who the person is, for a client with an openid token',
    elsewhere: 'OpenID Connect Core, section 5.3',
  },
};

export const OAUTH_STATUS: NoteRows = {
  200: { what: 'it worked; the body has what was asked for', elsewhere: `${HTTP}, section 15.3.1` },
  201: { what: 'the client is registered; the body has its id', elsewhere: `${REGISTRATION}, section 3.2.1` },
  302: { what: 'the browser is sent on, in the end back to the client', elsewhere: `${OAUTH}, section 1.7` },
  303: { what: 'the browser is sent on, in the end back to the client', elsewhere: `${OAUTH}, section 1.7` },
  400: { what: 'refused; the member error says why', elsewhere: `${OAUTH}, section 5.2` },
  401: { what: 'the client has not proved who it is', elsewhere: `${OAUTH}, section 5.2` },
  429: {
    what: 'too many registrations just now',
    elsewhere: 'RFC 6585, section 4',
    source: [`${SERVER}/registrations.ts`, 'function createRegistrations'],
  },
};

export const OAUTH_HEADERS: { request: NoteRows; response: NoteRows } = {
  request: {
    host: {
      what: "the host name the client used; any but this server's own is refused",
      elsewhere: 'RFC 9112, section 3.2',
      source: [`${SERVER}/authserver.ts`, 'async function answer('],
    },
    authorization: {
      what: 'Basic: id and secret of the client in base64. Bearer: an access token',
      elsewhere: `${OAUTH}, section 2.3.1`,
    },
    'content-type': {
      what: 'OAuth sends forms, not JSON; only registration is JSON',
      elsewhere: `${OAUTH}, section 4.1.3`,
    },
    cookie: {
      what: 'recognizes the browser; alone it decides nothing, because every port of this host gets it',
      elsewhere: 'RFC 6265, section 8.5',
      source: [`${SERVER}/interaction.ts`, 'function openScene'],
    },
    origin: {
      what: 'a form counts only if it comes from a page of this server',
      elsewhere: 'Fetch, Origin header',
      source: [`${SERVER}/reply.ts`, 'async read(request'],
    },
  },
  response: {
    location: {
      what: 'where the browser goes next; the last address is that of the client, with its code',
      elsewhere: `${OAUTH}, section 4.1.2`,
    },
    'set-cookie': { what: 'lets the server recognize this browser', elsewhere: 'RFC 6265, section 4.1' },
    'cache-control': { what: 'answers with tokens are never stored', elsewhere: `${OAUTH}, section 5.1` },
    'www-authenticate': { what: 'how a client proves who it is', elsewhere: `${BEARER}, section 3` },
    'content-type': { what: 'JSON for clients, HTML for people', elsewhere: `${OAUTH}, section 5.1` },
    'content-security-policy': {
      what: 'the page runs no script, and its form goes to this server alone',
      elsewhere: 'CSP Level 3',
      source: [`${SERVER}/reply.ts`, 'function setPageHeaders'],
    },
  },
};
