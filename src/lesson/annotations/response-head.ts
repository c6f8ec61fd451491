/** What is said beside status lines and response headers. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';

export const STATUS: NoteRows = {
  200: {
    what: 'the message was understood; what came of it is in the body',
    modern: `${M}/streamable-http/016`,
    legacy: `${L}/transports/020`,
    file: 'src/wire/http/http-responder.ts',
    at: 'finish(status: number',
  },
  202: {
    what: 'taken, and there is nothing to say: it was no request',
    modern: `${M}/streamable-http/013`,
    legacy: `${L}/transports/017`,
    file: 'src/wire/http/reply.ts',
    at: 'function sendAccepted',
  },
  204: {
    what: 'done, without a body',
    elsewhere: `${HTTP}, section 15.3.5`,
    file: 'src/wire/server/handle.ts',
    at: 'response.writeHead(204',
  },
  304: {
    what: 'the client has it already',
    elsewhere: `${HTTP}, section 15.4.5`,
    file: 'src/oauth/discovery.ts',
    at: 'isCurrent(headers',
  },
  400: {
    what: 'the request is wrong in itself; error.code says how',
    elsewhere: `${HTTP}, section 15.5.1`,
    file: 'src/wire/fault.ts',
    at: 'const FAULTS',
  },
  401: {
    what: 'no token, or not one that counts here',
    modern: `${M}/authorization/045`,
    legacy: `${L}/authorization/035`,
    file: 'src/oauth/protection.ts',
    at: 'authenticate({ rawHeaders',
  },
  403: {
    what: 'refused: a foreign Origin or Host, or a caller who may not do this; error.message says which',
    elsewhere: `${HTTP}, section 15.5.4`,
    file: 'src/wire/mcp/authority.ts',
    at: 'function refusal',
  },
  404: {
    what: 'no such method, session or address',
    modern: `${M}/streamable-http/034`,
    legacy: `${L}/transports/058`,
    file: 'src/wire/fault.ts',
    at: 'const FAULTS',
  },
  405: {
    what: 'not with this HTTP method',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/036`,
    file: 'src/wire/server/handle.ts',
    at: 'methodNotAllowed',
  },
  429: {
    what: 'too many calls of this tool for now',
    modern: `${M}/tools/038`,
    legacy: `${L}/tools/019`,
    file: 'src/governance/policy/rules.ts',
    at: 'const RULES',
  },
};

export const RESPONSE_HEADERS: NoteRows = {
  'content-type': {
    what: 'the answer: one JSON object, or a stream of events',
    modern: `${M}/streamable-http/016`,
    legacy: `${L}/transports/020`,
    file: 'src/wire/http/http-responder.ts',
    at: 'class HttpResponder',
  },
  'www-authenticate': {
    what: 'what to do about the refusal: where tokens come from and which scopes are needed',
    modern: `${M}/authorization-server-discovery/004`,
    legacy: `${L}/authorization/012`,
    file: 'src/oauth/challenge.ts',
    at: 'function written',
  },
  'mcp-session-id': {
    what: 'the session that begins; every later request names it',
    legacy: `${L}/transports/051`,
    file: 'src/cluster/sessions/sessions.ts',
    at: 'open(principal',
  },
  'retry-after': {
    what: 'seconds after which the same request is worth sending again',
    elsewhere: `${HTTP}, section 10.2.3`,
    file: 'src/wire/http/reply.ts',
    at: 'function sendFault',
  },
  etag: {
    what: 'names this very text, so that unchanged ones need not be sent',
    elsewhere: `${HTTP}, section 8.8.3`,
    file: 'src/app/manifest-documents.ts',
    at: 'function document',
  },
  'x-accel-buffering': {
    what: 'tells nginx not to hold events back',
    modern: `${M}/streamable-http/023`,
    file: 'src/wire/http/stream.ts',
    at: 'x-accel-buffering',
  },
  'cache-control': { what: 'who may keep the answer, and for how long', elsewhere: 'RFC 9111, section 5.2' },
  'content-length': {
    what: 'bytes of the body',
    elsewhere: `${HTTP}, section 8.6`,
    file: 'src/wire/http/reply.ts',
    at: 'function sendText',
  },
  'transfer-encoding': {
    what: 'the length is not known yet: events go out as they happen',
    elsewhere: 'RFC 9112, section 7.1',
  },
  allow: {
    what: 'the methods that this address takes',
    elsewhere: `${HTTP}, section 10.2.1`,
    file: 'src/wire/server/handle.ts',
    at: 'const methods',
  },
  location: {
    what: 'where to ask instead',
    elsewhere: `${HTTP}, section 10.2.2`,
    file: 'src/oauth/discovery.ts',
    at: 'location: issuer',
  },
  vary: {
    what: 'the answer depends on these request headers',
    elsewhere: `${HTTP}, section 12.5.5`,
    file: 'src/wire/http/reply.ts',
    at: 'function corsHeaders',
  },
  'access-control-*': {
    what: 'lets the page that called read the answer',
    elsewhere: 'Fetch, CORS protocol',
    file: 'src/wire/http/reply.ts',
    at: 'function corsHeaders',
  },
  date: { what: 'when it was sent', elsewhere: `${HTTP}, section 6.6.1` },
  connection: { what: 'what becomes of the connection afterwards', elsewhere: 'RFC 9112, section 9.6' },
  'keep-alive': {
    what: 'seconds for which an idle connection stays open',
    elsewhere: 'RFC 2068, section 19.7.1',
  },
};
