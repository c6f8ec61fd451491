/** What is said beside the members of what servers send, by their paths: parted by spaces, for no key of MCP has one. */
import type { NoteRows } from '../note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const MCP = 'io.modelcontextprotocol/';

export const RESPONSE_MEMBERS: NoteRows = {
  jsonrpc: {
    what: 'JSON-RPC 2.0, in every message',
    modern: `${M}/basic/002`,
    legacy: `${L}/basic/002`,
    file: 'src/jsonrpc/message.ts',
  },
  id: {
    what: 'the id of the request that this answers, with its type',
    modern: `${M}/basic/006`,
    legacy: `${L}/basic/006`,
    file: 'src/mcp/reply.ts',
  },
  method: {
    what: 'a message ahead of the answer, about this request',
    modern: `${M}/streamable-http/018`,
    legacy: `${L}/transports/027`,
    file: 'src/mcp/exchange.ts',
  },
  'params progressToken': {
    what: 'the name under which progress was asked for',
    modern: `${M}/progress/007`,
    file: 'src/mcp/exchange.ts',
  },
  'params progress': {
    what: 'grows from message to message',
    modern: `${M}/progress/004`,
    legacy: `${L}/progress/003`,
    file: 'src/mcp/exchange.ts',
  },
  [`params _meta ${MCP}subscriptionId`]: {
    what: 'the id of the request that listens',
    modern: `${M}/basic/068`,
    file: 'src/mcp/methods/listen.ts',
  },
  result: {
    what: 'it was answered',
    modern: `${M}/basic/007`,
    legacy: `${L}/basic/007`,
    file: 'src/mcp/dispatch.ts',
  },
  'result resultType': {
    what: 'complete, input_required, or task',
    modern: `${M}/basic/008`,
    file: 'src/mcp/dispatch.ts',
  },
  'result content': {
    what: 'for a model to read; repeats the structured content as text',
    modern: `${M}/tools/028`,
    legacy: `${L}/tools/010`,
    file: 'src/mcp/shape.ts',
  },
  'result structuredContent': {
    what: "for a program to read; held against the tool's outputSchema, personal columns masked",
    modern: `${M}/tools/030`,
    legacy: `${L}/tools/011`,
    file: 'src/mcp/call.ts',
  },
  'result isError': {
    what: 'the tool itself failed: told to the model, for it may do better',
    modern: `${M}/tools/034`,
    legacy: `${L}/tools/015`,
    file: 'src/mcp/shape.ts',
  },
  'result tools': {
    what: 'what this caller may choose from',
    modern: `${M}/tools/002`,
    file: 'src/mcp/methods/tools-list.ts',
  },
  'result nextCursor': {
    what: 'there is another page',
    modern: `${M}/pagination/002`,
    legacy: `${L}/pagination/003`,
    file: 'src/mcp/page.ts',
  },
  'result ttlMs': {
    what: 'for how long it may be kept',
    modern: `${M}/caching/001`,
    file: 'src/mcp/methods/list.ts',
  },
  'result cacheScope': {
    what: 'by whom it may be kept: private is this caller alone',
    modern: `${M}/caching/011`,
    file: 'src/mcp/methods/list.ts',
  },
  'result inputRequests': {
    what: 'what the client is asked for before it calls again',
    modern: `${M}/mrtr/018`,
    file: 'src/mcp/rounds.ts',
  },
  'result requestState': {
    what: 'to be brought back as it is; sealed, bound to this caller and short-lived',
    modern: `${M}/mrtr/011`,
    file: 'src/auth/sealer.ts',
  },
  'result supportedVersions': {
    what: 'the revisions that this server speaks',
    modern: `${M}/discover/002`,
    file: 'src/mcp/methods/discover.ts',
  },
  'result capabilities': {
    what: 'what this server can do',
    modern: `${M}/discover/002`,
    legacy: `${L}/lifecycle/003`,
    file: 'src/mcp/capabilities.ts',
  },
  'result instructions': {
    what: 'for a model: how to use this server',
    modern: `${M}/discover/005`,
    file: 'src/mcp/methods/discover.ts',
  },
  'result protocolVersion': {
    what: 'the revision that is agreed on',
    legacy: `${L}/lifecycle/009`,
    file: 'src/mcp/methods/initialize.ts',
  },
  'result serverInfo': {
    what: 'who answers, as it calls itself',
    legacy: `${L}/lifecycle/003`,
    file: 'src/mcp/methods/initialize.ts',
  },
  [`result _meta ${MCP}serverInfo`]: {
    what: 'who answers, as it calls itself: shown, never trusted',
    modern: `${M}/basic/065`,
    file: 'src/mcp/dispatch.ts',
  },
  error: {
    what: 'it was refused, or it failed',
    modern: `${M}/basic/014`,
    legacy: `${L}/basic/010`,
    file: 'src/fault.ts',
  },
  'error code': {
    what: 'an integer',
    modern: `${M}/basic/015`,
    legacy: `${L}/basic/011`,
    file: 'src/fault.ts',
  },
  'error message': {
    what: 'names the field and what was expected; never a secret',
    modern: `${M}/basic/014`,
    file: 'src/fault.ts',
  },
  'error data': { what: 'more about it, for programs', modern: `${M}/basic/016`, file: 'src/fault.ts' },
  'error data supported': {
    what: 'the revisions that would be served',
    modern: `${M}/versioning/002`,
    file: 'src/mcp/era.ts',
  },
  'error data requested': {
    what: 'the revision that was asked for',
    modern: `${M}/versioning/002`,
    file: 'src/mcp/era.ts',
  },
  'error data requiredCapabilities': {
    what: 'what the client would have to be able to do',
    modern: `${M}/basic/063`,
    file: 'src/mcp/capabilities.ts',
  },
  'error data scope': {
    what: 'the scopes that are needed, as in the header',
    modern: `${M}/authorization/050`,
    file: 'src/auth/challenge.ts',
  },
  'error data resource_metadata': {
    what: 'where it says who issues tokens, as in the header',
    modern: `${M}/authorization/051`,
    file: 'src/auth/challenge.ts',
  },
  resource: {
    what: 'what tokens have to be issued for: their audience',
    modern: `${M}/authorization/036`,
    file: 'src/auth/protected-resource.ts',
  },
  authorization_servers: {
    what: 'who issues tokens for this server',
    modern: `${M}/authorization/009`,
    legacy: `${L}/authorization/011`,
    file: 'src/auth/protected-resource.ts',
  },
  scopes_supported: {
    what: 'what can be asked for',
    modern: `${M}/authorization/019`,
    file: 'src/auth/protected-resource.ts',
  },
};
