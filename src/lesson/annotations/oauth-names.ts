/** Notes for what clients and the authorization server tell each other. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const OAUTH = 'RFC 6749';
const BEARER = 'RFC 6750';
const PKCE = 'RFC 7636';
const DEVICE = 'RFC 8628';
const REGISTRATION = 'RFC 7591';
const SERVER = 'src/services/authserver';

/** Fields of forms, parameters of addresses, and members of JSON. */
export const OAUTH_NAMES: NoteRows = {
  grant_type: { what: 'the way in which the client gets its token', elsewhere: `${OAUTH}, section 4` },
  response_type: {
    what: 'the client wants a code, which is all that this server gives',
    elsewhere: `${OAUTH}, section 3.1.1`,
  },
  client_id: {
    what: 'which client asks: a registered name, or the address of its metadata document',
    modern: `${M}/authorization/013`,
  },
  client_secret: {
    what: 'proves which client asks; public clients have none',
    elsewhere: `${OAUTH}, section 2.3.1`,
  },
  client_assertion: { what: 'a signed statement instead of a secret', elsewhere: 'RFC 7523, section 2.2' },
  redirect_uri: {
    what: 'where the answer goes; it must be one of those that are registered',
    elsewhere: `${OAUTH}, section 3.1.2`,
  },
  redirect_uris: {
    what: "the only addresses to which this client's codes are sent",
    elsewhere: `${REGISTRATION}, section 2`,
  },
  resource: {
    what: 'the MCP server that the token is for; it becomes the audience',
    modern: `${M}/authorization/026`,
  },
  scope: { what: 'what the token may be used for', elsewhere: `${OAUTH}, section 3.3` },
  state: {
    what: 'comes back unchanged, so that the client knows its own request',
    elsewhere: `${OAUTH}, section 10.12`,
  },
  nonce: { what: 'comes back in the id token', elsewhere: 'OpenID Connect Core, section 3.1.2.1' },
  code: {
    what: 'stands for what the person allowed; works once, within a minute, with the verifier',
    elsewhere: `${OAUTH}, section 4.1.2`,
  },
  code_challenge: {
    what: 'the hash of a secret that the client keeps for itself',
    elsewhere: `${PKCE}, section 4.3`,
  },
  code_challenge_method: { what: 'S256: the hash is SHA-256', elsewhere: `${PKCE}, section 4.3` },
  code_verifier: {
    what: 'the secret itself: only the client that began the flow can end it',
    elsewhere: `${PKCE}, section 4.5`,
  },
  iss: {
    what: 'which authorization server answers; the client compares it',
    modern: `${M}/authorization/021`,
  },
  refresh_token: {
    what: 'gets the next access token without the person; replaced at each use',
    modern: `${M}/authorization/043`,
  },
  access_token: {
    what: 'opens the resource; in the next request it follows "Bearer"',
    modern: `${M}/authorization/031`,
  },
  id_token: {
    what: 'who the person is, signed, for the client alone',
    elsewhere: 'OpenID Connect Core, section 2',
  },
  token_type: { what: 'Bearer: anyone who has the token may use it', elsewhere: `${BEARER}, section 1.2` },
  expires_in: { what: 'seconds until the access token ends', elsewhere: `${OAUTH}, section 5.1` },
  device_code: {
    what: 'the long code, with which the client asks whether the person has decided',
    elsewhere: `${DEVICE}, section 3.2`,
  },
  user_code: { what: 'the short code, for the person', elsewhere: `${DEVICE}, section 3.2` },
  verification_uri: { what: 'the page that takes the short code', elsewhere: `${DEVICE}, section 3.2` },
  error: { what: 'what was wrong, in a word for programs', elsewhere: `${OAUTH}, section 5.2` },
  error_description: { what: 'what was wrong, for developers', elsewhere: `${OAUTH}, section 5.2` },
  issuer: {
    what: 'the name of this server; the client compares it with what it expected',
    modern: `${M}/authorization-server-discovery/010`,
  },
  authorization_endpoint: { what: 'where the browser of the person goes', elsewhere: 'RFC 8414, section 2' },
  token_endpoint: { what: 'where the client gets tokens', elsewhere: 'RFC 8414, section 2' },
  registration_endpoint: {
    what: 'where clients register themselves',
    modern: `${M}/client-registration/012`,
  },
  code_challenge_methods_supported: {
    what: 'without this member a client must not go on, because PKCE would be missing',
    elsewhere: 'RFC 8414, section 2',
  },
  authorization_response_iss_parameter_supported: {
    what: 'answers name their issuer',
    modern: `${M}/authorization/022`,
  },
  client_id_metadata_document_supported: {
    what: 'a client id may be the address of a document',
    modern: `${M}/client-registration/010`,
  },
  application_type: {
    what: 'native clients may redirect to this machine',
    modern: `${M}/client-registration/013`,
  },
  token_endpoint_auth_method: {
    what: 'how the client proves who it is; none for a public one',
    elsewhere: `${REGISTRATION}, section 2`,
  },
  active: {
    what: 'whether the token is good; nothing else is said of one that is not',
    elsewhere: 'RFC 7662, section 2.2',
  },
  keys: {
    what: 'each has an id, kid, which the header of a token names',
    elsewhere: 'RFC 7517, section 5.1',
  },
  csrf: {
    what: 'proves that the form is the one that this server has sent',
    elsewhere: `${OAUTH}, section 10.12`,
    source: [`${SERVER}/reply.ts`, 'function createForms'],
  },
};
