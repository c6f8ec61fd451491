/** Notes for the members of requests, by path. Spaces separate the keys, because no key of MCP contains one. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const MCP = 'io.modelcontextprotocol/';

export const REQUEST_MEMBERS: NoteRows = {
  jsonrpc: {
    what: 'JSON-RPC 2.0, in every message',
    modern: `${M}/basic/002`,
    legacy: `${L}/basic/002`,
    source: ['src/wire/jsonrpc/message.ts', 'function readMessage'],
  },
  id: {
    what: 'comes back with the answer, type included; never null. A message without one is a notification',
    modern: `${M}/basic/003`,
    legacy: `${L}/basic/003`,
    source: ['src/wire/jsonrpc/message.ts', 'function isId'],
  },
  method: {
    what: 'what the client wants; over HTTP, the header Mcp-Method repeats it',
    before: 'what the client wants',
    modern: `${M}/streamable-http/037`,
    legacy: `${L}/basic/002`,
    source: ['src/wire/mcp/dispatch.ts', 'function dispatch'],
  },
  'params _meta': {
    what: 'about the request itself; a modern one says here which revision it speaks and what its sender can do',
    modern: `${M}/basic/029`,
    source: ['src/wire/mcp/meta.ts', 'function checkMeta'],
  },
  [`params _meta ${MCP}protocolVersion`]: {
    what: 'the revision of this request; every request has one',
    modern: `${M}/basic/056`,
    source: ['src/wire/mcp/era.ts', 'function revisionInBody'],
  },
  [`params _meta ${MCP}clientCapabilities`]: {
    what: 'what the client can do; the server may ask for nothing else',
    modern: `${M}/basic/057`,
    source: ['src/wire/mcp/meta.ts', 'function readCaller'],
  },
  [`params _meta ${MCP}clientInfo`]: {
    what: 'the name the client gives itself: displayed, never trusted',
    modern: `${M}/basic/066`,
    source: ['src/wire/mcp/meta.ts', 'function checkMeta'],
  },
  [`params _meta ${MCP}logLevel`]: {
    what: 'the client wants log messages of this severity or above',
    modern: `${M}/logging/005`,
    source: ['src/wire/mcp/definitions.ts', 'function isLogLevel'],
  },
  'params _meta progressToken': {
    what: 'the client wants progress reports, labeled with this token',
    modern: `${M}/progress/002`,
    legacy: `${L}/progress/001`,
    source: ['src/wire/mcp/request-context.ts', 'progress(progress: number'],
  },
  'params _meta traceparent': {
    what: 'the trace that this call belongs to',
    modern: `${M}/basic/069`,
    source: ['src/governance/audit/recorder.ts', 'function traceIdOf'],
  },
  'params _meta tracestate': {
    what: 'more about the trace, for the system that started it',
    modern: `${M}/basic/069`,
  },
  'params _meta baggage': { what: 'values that travel with the trace', modern: `${M}/basic/069` },
  'params name': {
    what: 'which tool or prompt; over HTTP, the header Mcp-Name repeats it',
    before: 'which tool or prompt',
    modern: `${M}/streamable-http/038`,
    legacy: `${L}/tools/014`,
    source: ['src/wire/mcp/catalog.ts', 'get: (name)'],
  },
  'params arguments': {
    what: 'for the tool or prompt; checked before anything runs, for a tool against its inputSchema',
    modern: `${M}/tools/036`,
    legacy: `${L}/tools/017`,
    source: ['src/wire/mcp/methods/tools.ts', 'function validateCall'],
  },
  'params uri': {
    what: 'which resource; over HTTP, the header Mcp-Name repeats it',
    before: 'which resource',
    modern: `${M}/streamable-http/038`,
    legacy: `${L}/resources/010`,
    source: ['src/wire/mcp/methods/resources.ts', 'const resourcesRead'],
  },
  'params cursor': {
    what: 'which page, by the cursor that the server sent',
    modern: `${M}/pagination/007`,
    legacy: `${L}/pagination/004`,
    source: ['src/wire/mcp/page.ts', 'function readCursor'],
  },
  'params inputResponses': {
    what: 'answers to what the server asked in the previous round',
    modern: `${M}/mrtr/027`,
    source: ['src/wire/mcp/input-rounds.ts', 'answerTo(key'],
  },
  'params requestState': {
    what: 'what the server asked to get back; sealed, because it passed through the client',
    modern: `${M}/mrtr/011`,
    source: ['src/wire/server/sealer.ts', 'async open(seal,'],
  },
  'params protocolVersion': {
    what: 'the revision that the client proposes',
    legacy: `${L}/lifecycle/007`,
    source: ['src/wire/mcp/era.ts', 'function negotiate'],
  },
  'params capabilities': {
    what: 'what the client can do, declared once',
    legacy: `${L}/lifecycle/002`,
    source: ['src/wire/mcp/meta.ts', 'function createConnection'],
  },
  'params clientInfo': {
    what: 'the name the client gives itself',
    legacy: `${L}/lifecycle/002`,
    source: ['src/wire/mcp/meta.ts', 'function clientName'],
  },
};
