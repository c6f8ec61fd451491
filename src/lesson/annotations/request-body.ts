/** What is said beside the members of what clients send, by their paths: parted by spaces, for no key of MCP has one. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const MCP = 'io.modelcontextprotocol/';

export const REQUEST_MEMBERS: NoteRows = {
  jsonrpc: {
    what: 'JSON-RPC 2.0, in every message',
    modern: `${M}/basic/002`,
    legacy: `${L}/basic/002`,
    file: 'src/wire/jsonrpc/message.ts',
    at: 'function readMessage',
  },
  id: {
    what: 'comes back with the answer, with its type; never null. Without one it is a notification',
    modern: `${M}/basic/003`,
    legacy: `${L}/basic/003`,
    file: 'src/wire/jsonrpc/message.ts',
    at: 'function isId',
  },
  method: {
    what: 'what is to be done; the header Mcp-Method says the same',
    before: 'what is to be done',
    modern: `${M}/streamable-http/037`,
    legacy: `${L}/basic/002`,
    file: 'src/wire/mcp/dispatch.ts',
    at: 'function dispatch',
  },
  'params _meta': {
    what: 'about the request itself: a modern one stands alone and says here what it speaks',
    modern: `${M}/basic/029`,
    file: 'src/wire/mcp/meta.ts',
    at: 'function checkMeta',
  },
  [`params _meta ${MCP}protocolVersion`]: {
    what: 'the revision that is spoken, in every request',
    modern: `${M}/basic/056`,
    file: 'src/wire/mcp/era.ts',
    at: 'function revisionInBody',
  },
  [`params _meta ${MCP}clientCapabilities`]: {
    what: 'what the client can do: nothing else may be asked of it',
    modern: `${M}/basic/057`,
    file: 'src/wire/mcp/meta.ts',
    at: 'function modernCaller',
  },
  [`params _meta ${MCP}clientInfo`]: {
    what: 'how the client calls itself: shown, never trusted',
    modern: `${M}/basic/066`,
    file: 'src/wire/mcp/meta.ts',
    at: 'function checkMeta',
  },
  [`params _meta ${MCP}logLevel`]: {
    what: 'log messages of this severity are wanted',
    modern: `${M}/logging/005`,
    file: 'src/wire/mcp/log.ts',
    at: 'function isLogLevel',
  },
  'params _meta progressToken': {
    what: 'progress is wanted, under this name',
    modern: `${M}/progress/002`,
    legacy: `${L}/progress/001`,
    file: 'src/wire/mcp/request-context.ts',
    at: 'progress(progress: number',
  },
  'params _meta traceparent': {
    what: 'the trace that the call belongs to',
    modern: `${M}/basic/069`,
    file: 'src/governance/audit/trace.ts',
    at: 'function traceIdOf',
  },
  'params _meta tracestate': { what: 'more of the trace, for those who made it', modern: `${M}/basic/069` },
  'params _meta baggage': { what: 'what the caller gives its trace to carry', modern: `${M}/basic/069` },
  'params name': {
    what: 'which tool or prompt; the header Mcp-Name says the same',
    before: 'which tool or prompt',
    modern: `${M}/streamable-http/038`,
    file: 'src/wire/mcp/catalog.ts',
    at: 'get: (name)',
  },
  'params arguments': {
    what: "held against the tool's inputSchema before anything runs",
    modern: `${M}/tools/036`,
    legacy: `${L}/tools/017`,
    file: 'src/wire/mcp/methods/tools.ts',
    at: 'function validateCall',
  },
  'params uri': {
    what: 'which resource; the header Mcp-Name says the same',
    before: 'which resource',
    modern: `${M}/streamable-http/038`,
    file: 'src/wire/mcp/methods/resources.ts',
    at: 'const resourcesRead',
  },
  'params cursor': {
    what: 'the next page, as the server named it',
    modern: `${M}/pagination/007`,
    legacy: `${L}/pagination/004`,
    file: 'src/wire/mcp/page.ts',
    at: 'function readCursor',
  },
  'params inputResponses': {
    what: 'answers to what the server asked for in the round before',
    modern: `${M}/mrtr/027`,
    file: 'src/wire/mcp/input-rounds.ts',
    at: 'answerTo(key',
  },
  'params requestState': {
    what: 'what the server gave the client to bring back; sealed, for it went through other hands',
    modern: `${M}/mrtr/011`,
    file: 'src/wire/server/sealer.ts',
    at: 'async open(sealed',
  },
  'params protocolVersion': {
    what: 'the revision that a legacy client proposes',
    legacy: `${L}/lifecycle/007`,
    file: 'src/wire/mcp/era.ts',
    at: 'function negotiate',
  },
  'params capabilities': {
    what: 'what a legacy client can do, said once',
    legacy: `${L}/lifecycle/002`,
    file: 'src/wire/mcp/connection.ts',
    at: 'function createConnection',
  },
  'params clientInfo': {
    what: 'how a legacy client calls itself',
    legacy: `${L}/lifecycle/002`,
    file: 'src/wire/mcp/connection.ts',
    at: 'function clientName',
  },
};
