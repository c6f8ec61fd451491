/** Notes for request lines and request headers. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';

/** By HTTP method, at the MCP endpoint. */
export const REQUEST_LINES: NoteRows = {
  POST: {
    what: 'one message to the server: one POST to its only endpoint',
    modern: `${M}/streamable-http/007`,
    legacy: `${L}/transports/014`,
    source: ['src/wire/server/handle.ts', 'async function handlePost'],
  },
  GET: {
    what: 'reads something; at the MCP endpoint, only a legacy client does, to open or resume a stream',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/034`,
    source: ['src/wire/server/get.ts', 'function openStream'],
  },
  DELETE: {
    what: 'a legacy client ends its session',
    modern: `${M}/streamable-http/082`,
    legacy: `${L}/transports/060`,
    source: ['src/wire/server/get.ts', 'sessions.end('],
  },
  OPTIONS: {
    what: 'a browser asks whether a page may call this server',
    elsewhere: 'Fetch, CORS-preflight',
    source: ['src/wire/http/head.ts', 'function preflightHeaders'],
  },
};

export const REQUEST_HEADERS: NoteRows = {
  host: {
    what: 'the host name the client used; an unknown one is a sign of DNS rebinding',
    elsewhere: 'RFC 9112, section 3.2',
    source: ['src/wire/http/head.ts', 'function checkHost'],
  },
  origin: {
    what: 'the origin of the calling page, set by the browser; a foreign origin is refused',
    modern: `${M}/streamable-http/002`,
    legacy: `${L}/transports/009`,
    source: ['src/wire/http/head.ts', 'function checkOrigin'],
  },
  'content-type': {
    what: 'the body is JSON; any other type is refused unread',
    modern: `${M}/streamable-http/010`,
    legacy: `${L}/transports/016`,
    source: ['src/wire/http/body.ts', 'function checkContentType'],
  },
  'content-length': {
    what: 'size of the body in bytes; a body that is too large is refused unread',
    elsewhere: `${HTTP}, section 8.6`,
    source: ['src/wire/http/body.ts', 'function bodyLength'],
  },
  'transfer-encoding': {
    what: 'the body comes in chunks, and its length is not known yet',
    elsewhere: 'RFC 9112, section 7.1',
  },
  accept: {
    what: 'what the client can read; a message is answered with one JSON object or an event stream',
    modern: `${M}/streamable-http/008`,
    legacy: `${L}/transports/015`,
    source: ['src/wire/http/head.ts', 'function readAccept'],
  },
  authorization: {
    what: 'who is calling: the access token goes here, with every request, and nowhere else',
    modern: `${M}/authorization/031`,
    legacy: `${L}/authorization/027`,
    source: ['src/oauth/protection.ts', 'function readBearer'],
  },
  'mcp-protocol-version': {
    what: 'the revision of MCP, by its date, the same as in the body',
    before: 'the revision of MCP, by its date; without this header the server assumes 2025-03-26',
    modern: `${M}/streamable-http/030`,
    legacy: `${L}/transports/062`,
    source: ['src/wire/mcp/era.ts', 'function revisionOverHttp'],
  },
  'mcp-method': {
    what: 'repeats the method, so that a gateway can route without reading the body',
    modern: `${M}/streamable-http/037`,
    source: ['src/wire/mcp/request-headers.ts', 'function validateRequestHeaders'],
  },
  'mcp-name': {
    what: 'repeats the tool, prompt or resource that the body names',
    modern: `${M}/streamable-http/038`,
    source: ['src/wire/mcp/request-headers.ts', 'function validateRequestHeaders'],
  },
  'mcp-param-*': {
    what: "repeats an argument, because the tool's schema asks for that with x-mcp-header",
    modern: `${M}/streamable-http/058`,
    source: ['src/wire/mcp/request-headers.ts', 'function validateParamHeaders'],
  },
  'mcp-session-id': {
    what: 'the session of a legacy client; in a modern request it is ignored',
    modern: `${M}/streamable-http/083`,
    legacy: `${L}/transports/055`,
    source: ['src/cluster/sessions/sessions.ts', 'of(id: string'],
  },
  'last-event-id': {
    what: 'the last event the client saw before it lost the stream; modern streams cannot be resumed',
    modern: `${M}/streamable-http/084`,
    legacy: `${L}/transports/048`,
    source: ['src/wire/http/event-log.ts', 'holdsAfter(place'],
  },
  traceparent: {
    what: 'the trace this call belongs to (the specification puts it into _meta); the audit log records it',
    modern: `${M}/basic/069`,
    source: ['src/governance/audit/recorder.ts', 'function traceIdOf'],
  },
  'if-none-match': {
    what: "the ETag of the client's copy; if it is still current, the answer is 304",
    elsewhere: `${HTTP}, section 13.1.2`,
    source: ['src/oauth/discovery.ts', 'function sendDocument'],
  },
  expect: {
    what: 'the client waits for status 100 before it sends the body',
    elsewhere: `${HTTP}, section 10.1.1`,
    source: ['src/wire/http/body.ts', 'function checkExpectation'],
  },
  'user-agent': {
    what: 'the name of the client program; nothing depends on it',
    elsewhere: `${HTTP}, section 10.1.5`,
  },
  connection: { what: 'whether the connection stays open afterwards', elsewhere: 'RFC 9112, section 9.6' },
  cookie: {
    what: 'ignored: a cookie says nothing about who is calling',
    elsewhere: 'RFC 6265, section 4.2',
  },
};
