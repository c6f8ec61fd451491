/** Notes for status lines and response headers. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';

export const STATUS: NoteRows = {
  200: {
    what: 'the server handled the message; the body has the result, or an error',
    modern: `${M}/streamable-http/016`,
    legacy: `${L}/transports/020`,
    source: ['src/wire/http/http-responder.ts', 'finish({ status'],
  },
  202: {
    what: 'accepted; only requests get an answer, and this was not one',
    modern: `${M}/streamable-http/013`,
    legacy: `${L}/transports/017`,
    source: ['src/wire/http/body.ts', 'function sendAccepted'],
  },
  204: {
    what: 'done, without a body',
    elsewhere: `${HTTP}, section 15.3.5`,
    source: ['src/wire/server/handle.ts', 'response.writeHead(204'],
  },
  304: {
    what: "the client's copy is still current",
    elsewhere: `${HTTP}, section 15.4.5`,
    source: ['src/oauth/discovery.ts', 'isCurrent(headers'],
  },
  400: {
    what: 'the request itself is wrong; error.code says how',
    elsewhere: `${HTTP}, section 15.5.1`,
    source: ['src/wire/fault.ts', 'const FAULTS'],
  },
  401: {
    what: 'no token, or not one that is valid here',
    modern: `${M}/authorization/045`,
    legacy: `${L}/authorization/035`,
    source: ['src/oauth/protection.ts', 'authenticate({'],
  },
  403: {
    what: 'refused: a foreign Origin or Host, or a caller who may not do this; error.message says which',
    elsewhere: `${HTTP}, section 15.5.4`,
    source: ['src/wire/mcp/authority.ts', 'function refusal'],
  },
  404: {
    what: 'no such method, session or address',
    modern: `${M}/streamable-http/034`,
    legacy: `${L}/transports/058`,
    source: ['src/wire/fault.ts', 'const FAULTS'],
  },
  405: {
    what: 'this address does not take this HTTP method',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/036`,
    source: ['src/wire/server/handle.ts', 'methodNotAllowed'],
  },
  406: {
    what: 'the client accepts neither JSON nor an event stream, and the server has nothing else',
    modern: `${M}/streamable-http/008`,
    legacy: `${L}/transports/015`,
    source: ['src/wire/http/head.ts', 'function readAccept'],
  },
  413: {
    what: 'the body is too large, and was not read to its end',
    elsewhere: 'RFC 9110, section 15.5.14',
    source: ['src/wire/http/body.ts', 'function bodyTooLarge'],
  },
  415: {
    what: 'the body is of a type that the server does not read',
    elsewhere: 'RFC 9110, section 15.5.16',
    source: ['src/wire/http/body.ts', 'function checkContentType'],
  },
  429: {
    what: 'too many calls of this tool; try again later',
    modern: `${M}/tools/038`,
    legacy: `${L}/tools/019`,
    source: ['src/governance/policy/rules.ts', 'const RULES'],
  },
};

export const RESPONSE_HEADERS: NoteRows = {
  'content-type': {
    what: 'the format of the answer; to a message it is one JSON object or a stream of events',
    modern: `${M}/streamable-http/016`,
    legacy: `${L}/transports/020`,
    source: ['src/wire/http/http-responder.ts', 'class HttpResponder'],
  },
  'www-authenticate': {
    what: 'what to do about the refusal: where to get a token, and which scopes it needs',
    modern: `${M}/authorization-server-discovery/004`,
    legacy: `${L}/authorization/012`,
    source: ['src/oauth/challenge.ts', 'function formatChallenge'],
  },
  'mcp-session-id': {
    what: 'the new session; every later request names it',
    legacy: `${L}/transports/051`,
    source: ['src/cluster/sessions/sessions.ts', 'open(principal'],
  },
  'retry-after': {
    what: 'how many seconds to wait before sending the request again',
    elsewhere: `${HTTP}, section 10.2.3`,
    source: ['src/wire/http/body.ts', 'function sendFault'],
  },
  etag: {
    what: 'identifies this version, so that an unchanged document need not be sent again',
    elsewhere: `${HTTP}, section 8.8.3`,
    source: ['src/app/manifest-documents.ts', 'function document'],
  },
  'x-accel-buffering': {
    what: 'tells nginx not to buffer events',
    modern: `${M}/streamable-http/023`,
    source: ['src/wire/http/stream.ts', 'x-accel-buffering'],
  },
  'cache-control': { what: 'who may cache the answer, and for how long', elsewhere: 'RFC 9111, section 5.2' },
  'content-length': {
    what: 'size of the body in bytes',
    elsewhere: `${HTTP}, section 8.6`,
    source: ['src/wire/http/body.ts', 'function sendText'],
  },
  'transfer-encoding': {
    what: 'the length is not known yet; events go out as they happen',
    elsewhere: 'RFC 9112, section 7.1',
  },
  allow: {
    what: 'the HTTP methods this address takes',
    elsewhere: `${HTTP}, section 10.2.1`,
    source: ['src/wire/server/handle.ts', 'const methods'],
  },
  location: {
    what: 'where to go next',
    elsewhere: `${HTTP}, section 10.2.2`,
    source: ['src/oauth/discovery.ts', 'location: issuer'],
  },
  vary: {
    what: 'the answer depends on these request headers',
    elsewhere: `${HTTP}, section 12.5.5`,
    source: ['src/wire/http/head.ts', 'function corsHeaders'],
  },
  'access-control-*': {
    what: 'lets the calling page read the answer',
    elsewhere: 'Fetch, CORS protocol',
    source: ['src/wire/http/head.ts', 'function corsHeaders'],
  },
  'x-content-type-options': {
    what: 'a browser must believe the content type, and not guess another one',
    elsewhere: 'Fetch, X-Content-Type-Options header',
    source: ['src/wire/http/body.ts', 'nosniff'],
  },
  date: { what: 'when the answer was sent', elsewhere: `${HTTP}, section 6.6.1` },
  connection: { what: 'whether the connection stays open afterwards', elsewhere: 'RFC 9112, section 9.6' },
  'keep-alive': {
    what: 'how many seconds an idle connection stays open',
    elsewhere: 'RFC 2068, section 19.7.1',
  },
};
