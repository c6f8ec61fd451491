/** Notes for request lines and request headers. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';

/** By HTTP method; `discovery` is for the metadata documents. */
export const REQUEST_LINES: NoteRows = {
  POST: {
    what: 'one message to the server: one POST to its only endpoint',
    modern: `${M}/streamable-http/007`,
    legacy: `${L}/transports/014`,
    file: 'src/wire/server/handle.ts',
    at: 'async function post',
  },
  GET: {
    what: 'a legacy client opens or resumes a stream; a modern server offers none',
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
    what: 'a browser asks whether a page may call this server',
    elsewhere: 'Fetch, CORS-preflight',
    file: 'src/wire/http/cors.ts',
    at: 'function preflightHeaders',
  },
  discovery: {
    what: 'the client finds out who issues tokens for this server; this needs no token',
    modern: `${M}/authorization/008`,
    legacy: `${L}/authorization/008`,
    file: 'src/oauth/discovery.ts',
    at: 'function discoveryRoute',
  },
};

export const REQUEST_HEADERS: NoteRows = {
  host: {
    what: 'the host name the client used; an unknown one is a sign of DNS rebinding',
    elsewhere: 'RFC 9112, section 3.2',
    file: 'src/wire/http/guard.ts',
    at: 'function checkHost',
  },
  origin: {
    what: 'the origin of the calling page, set by the browser; a foreign origin is refused',
    modern: `${M}/streamable-http/002`,
    legacy: `${L}/transports/009`,
    file: 'src/wire/http/guard.ts',
    at: 'function checkOrigin',
  },
  'content-type': {
    what: 'the body is one JSON-RPC message; any other type is refused unread',
    modern: `${M}/streamable-http/010`,
    legacy: `${L}/transports/016`,
    file: 'src/wire/http/body.ts',
    at: 'function checkContentType',
  },
  'content-length': {
    what: 'size of the body in bytes; a body that is too large is refused unread',
    elsewhere: `${HTTP}, section 8.6`,
    file: 'src/wire/http/body.ts',
    at: 'function checkContentLength',
  },
  'transfer-encoding': {
    what: 'the body comes in chunks, and its length is not known yet',
    elsewhere: 'RFC 9112, section 7.1',
  },
  accept: {
    what: 'what the client can read: one JSON object, an event stream, or either',
    modern: `${M}/streamable-http/008`,
    legacy: `${L}/transports/015`,
    file: 'src/wire/http/accept.ts',
    at: 'function readAccept',
  },
  authorization: {
    what: 'who is calling: the access token goes here, with every request, and nowhere else',
    modern: `${M}/authorization/031`,
    legacy: `${L}/authorization/027`,
    file: 'src/oauth/bearer.ts',
    at: 'function readBearer',
  },
  'mcp-protocol-version': {
    what: 'the revision, the same as in the body',
    modern: `${M}/streamable-http/030`,
    legacy: `${L}/transports/062`,
    file: 'src/wire/mcp/era.ts',
    at: 'function revisionOverHttp',
  },
  'mcp-method': {
    what: 'repeats the method, so that a gateway can route without reading the body',
    modern: `${M}/streamable-http/037`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateNameHeaders',
  },
  'mcp-name': {
    what: 'repeats the tool, prompt or resource that the body names',
    modern: `${M}/streamable-http/038`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateNameHeaders',
  },
  'mcp-param-*': {
    what: "repeats an argument, because the tool's schema asks for that with x-mcp-header",
    modern: `${M}/streamable-http/058`,
    file: 'src/wire/mcp/request-headers.ts',
    at: 'function validateParamHeaders',
  },
  'mcp-session-id': {
    what: 'the session of a legacy client; in a modern request it is ignored',
    modern: `${M}/streamable-http/083`,
    legacy: `${L}/transports/055`,
    file: 'src/cluster/sessions/sessions.ts',
    at: 'of(id: string',
  },
  'last-event-id': {
    what: 'the last event the client saw before it lost the stream; modern streams cannot be resumed',
    modern: `${M}/streamable-http/084`,
    legacy: `${L}/transports/048`,
    file: 'src/wire/http/event-log.ts',
    at: 'holdsAfter(place',
  },
  traceparent: {
    what: 'the trace this call belongs to (the specification puts it into _meta); the audit log records it',
    modern: `${M}/basic/069`,
    file: 'src/governance/audit/trace.ts',
    at: 'function traceIdOf',
  },
  'if-none-match': {
    what: "the ETag of the client's copy; if it is still current, the answer is 304",
    elsewhere: `${HTTP}, section 13.1.2`,
    file: 'src/oauth/discovery.ts',
    at: 'function sendDocument',
  },
  expect: {
    what: 'the client waits for status 100 before it sends the body',
    elsewhere: `${HTTP}, section 10.1.1`,
    file: 'src/wire/http/body.ts',
    at: 'function checkExpectation',
  },
  'user-agent': {
    what: 'the name of the client program; nothing depends on it',
    elsewhere: `${HTTP}, section 10.1.5`,
  },
  connection: { what: 'whether the connection stays open afterwards', elsewhere: 'RFC 9112, section 9.6' },
  cookie: {
    what: 'ignored: only the token says who is calling',
    elsewhere: 'RFC 6265, section 4.2',
  },
};
