/** What is said beside request lines and request headers. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';

/** By method; of a path beside the endpoint, by `discovery`. */
export const REQUEST_LINES: NoteRows = {
  POST: {
    what: 'one message to the server: one POST to its one endpoint',
    modern: `${M}/streamable-http/007`,
    legacy: `${L}/transports/014`,
    file: 'src/wire/server/handle.ts',
    at: 'async function post',
  },
  GET: {
    what: 'a legacy client opens a stream, or comes back to one; a modern server has none to give',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/034`,
    file: 'src/wire/server/get.ts',
    at: 'function openStream',
  },
  DELETE: {
    what: 'a legacy client ends its session',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/060`,
    file: 'src/wire/server/get.ts',
    at: 'function endSession',
  },
  OPTIONS: {
    what: 'a browser asks whether a page may call at all',
    elsewhere: 'Fetch, CORS-preflight',
    file: 'src/wire/http/reply.ts',
    at: 'function preflightHeaders',
  },
  discovery: {
    what: 'the client finds out who issues tokens for this server; no token is needed for that',
    modern: `${M}/authorization/008`,
    legacy: `${L}/authorization/008`,
    file: 'src/oauth/discovery.ts',
    at: 'function discoveryRoute',
  },
};

export const REQUEST_HEADERS: NoteRows = {
  host: {
    what: 'the name the client used; a name that is not served is how DNS rebinding shows',
    elsewhere: 'RFC 9112, section 3.2',
    file: 'src/wire/http/head.ts',
    at: 'function checkHost',
  },
  origin: {
    what: 'the page that calls, told by its browser; a foreign one is refused',
    modern: `${M}/streamable-http/002`,
    legacy: `${L}/transports/009`,
    file: 'src/wire/http/head.ts',
    at: 'function checkOrigin',
  },
  'content-type': {
    what: 'the body is one JSON-RPC message as JSON; anything else is refused unread',
    modern: `${M}/streamable-http/010`,
    legacy: `${L}/transports/016`,
    file: 'src/wire/http/body.ts',
    at: 'function checkContentType',
  },
  'content-length': {
    what: 'bytes of the body; too many are refused unread',
    elsewhere: `${HTTP}, section 8.6`,
    file: 'src/wire/http/body.ts',
    at: 'function checkContentLength',
  },
  'transfer-encoding': {
    what: 'the body comes in parts of unknown number',
    elsewhere: 'RFC 9112, section 7.1',
  },
  accept: {
    what: 'what the client can read: one JSON object, an event stream, or either',
    modern: `${M}/streamable-http/008`,
    legacy: `${L}/transports/015`,
    file: 'src/wire/http/head.ts',
    at: 'function readAccept',
  },
  authorization: {
    what: 'who speaks: the access token comes here, with every request, and nowhere else',
    modern: `${M}/authorization/031`,
    legacy: `${L}/authorization/027`,
    file: 'src/oauth/bearer.ts',
    at: 'function readBearer',
  },
  'mcp-protocol-version': {
    what: 'the revision that is spoken, the same as in the body',
    modern: `${M}/streamable-http/030`,
    legacy: `${L}/transports/062`,
    file: 'src/wire/mcp/era.ts',
    at: 'function revisionOverHttp',
  },
  'mcp-method': {
    what: "the body's method again, so that a gateway can route without reading the body",
    modern: `${M}/streamable-http/037`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateNameHeaders',
  },
  'mcp-name': {
    what: 'the tool, prompt or resource that the body names, again',
    modern: `${M}/streamable-http/038`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateNameHeaders',
  },
  'mcp-param-*': {
    what: "an argument again, because the tool's schema asks for it with x-mcp-header",
    modern: `${M}/streamable-http/058`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateParamHeaders',
  },
  'mcp-session-id': {
    what: 'the session of a legacy client; a modern request stands alone and it is ignored',
    modern: `${M}/streamable-http/083`,
    legacy: `${L}/transports/055`,
    file: 'src/cluster/sessions/sessions.ts',
    at: 'of(id: string',
  },
  'last-event-id': {
    what: 'the last event a client saw of a stream it lost; modern streams are not resumed',
    modern: `${M}/streamable-http/084`,
    legacy: `${L}/transports/048`,
    file: 'src/wire/http/event-log.ts',
    at: 'holdsAfter(place',
  },
  traceparent: {
    what: 'the trace this call belongs to (the specification puts it into _meta); it goes into the audit log',
    modern: `${M}/basic/069`,
    file: 'src/governance/audit/trace.ts',
    at: 'function traceIdOf',
  },
  'if-none-match': {
    what: 'the ETag the client has: unchanged means 304',
    elsewhere: `${HTTP}, section 13.1.2`,
    file: 'src/oauth/discovery.ts',
    at: 'function sendDocument',
  },
  expect: {
    what: 'the client waits for 100 before it sends the body',
    elsewhere: `${HTTP}, section 10.1.1`,
    file: 'src/wire/http/body.ts',
    at: 'function checkExpectation',
  },
  'user-agent': {
    what: 'how the program calls itself; nothing depends on it',
    elsewhere: `${HTTP}, section 10.1.5`,
  },
  connection: { what: 'what becomes of the connection afterwards', elsewhere: 'RFC 9112, section 9.6' },
  cookie: {
    what: 'not read here: only the token says who speaks',
    elsewhere: 'RFC 6265, section 4.2',
  },
};
