/** Notes for the members of responses, by path, as in request-body.ts. Over 200 lines because it is one table. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const MCP = 'io.modelcontextprotocol/';

export const RESPONSE_MEMBERS: NoteRows = {
  jsonrpc: {
    what: 'JSON-RPC 2.0, in every message',
    modern: `${M}/basic/002`,
    legacy: `${L}/basic/002`,
    source: ['src/wire/jsonrpc/message.ts', 'function errorResponse'],
  },
  id: {
    what: 'the id of the request that this answers, type included',
    modern: `${M}/basic/006`,
    legacy: `${L}/basic/006`,
    source: ['src/wire/mcp/dispatch.ts', 'function replyOf'],
  },
  method: {
    what: 'a notification, or a question to the client if it has an id; the answer comes later, if there is one',
    modern: `${M}/streamable-http/018`,
    legacy: `${L}/transports/027`,
    source: ['src/wire/mcp/request-context.ts', 'notify(method: string'],
  },
  'params progressToken': {
    what: 'the token with which the client asked for progress',
    modern: `${M}/progress/007`,
    source: ['src/wire/mcp/request-context.ts', 'progress(progress: number'],
  },
  'params progress': {
    what: 'grows with every message',
    modern: `${M}/progress/004`,
    legacy: `${L}/progress/003`,
    source: ['src/wire/mcp/request-context.ts', 'progress(progress: number'],
  },
  [`params _meta ${MCP}subscriptionId`]: {
    what: 'the id of the request that opened this subscription',
    modern: `${M}/basic/068`,
    source: ['src/wire/mcp/methods/listen.ts', 'SUBSCRIPTION_ID]'],
  },
  result: {
    what: 'the request succeeded; a tool that failed says so in isError',
    modern: `${M}/basic/007`,
    legacy: `${L}/basic/007`,
    source: ['src/wire/mcp/dispatch.ts', "resultType: 'complete'"],
  },
  'result resultType': {
    what: 'the kind of result: complete, input_required (a question to the client) or task',
    modern: `${M}/basic/010`,
    source: ['src/wire/mcp/dispatch.ts', "resultType: 'complete'"],
  },
  'result content': {
    what: 'for the model; if there is structured content, the same as text',
    modern: `${M}/tools/028`,
    legacy: `${L}/tools/010`,
    source: ['src/wire/mcp/result.ts', 'function shapeResult'],
  },
  'result structuredContent': {
    what: "for programs; matches the tool's outputSchema; personal columns are masked without pii:read",
    modern: `${M}/tools/030`,
    legacy: `${L}/tools/011`,
    source: ['src/wire/mcp/result.ts', 'function checkOutput('],
  },
  'result isError': {
    what: 'true if the call failed, because of its arguments or in the tool; the model reads why',
    modern: `${M}/tools/034`,
    legacy: `${L}/tools/015`,
    source: ['src/wire/mcp/result.ts', 'function errorResult'],
  },
  'result tools': {
    what: 'the tools of this server; _meta says which this token may call',
    modern: `${M}/tools/002`,
    source: ['src/wire/mcp/methods/tools.ts', 'const toolsList'],
  },
  'result nextCursor': {
    what: 'where the next page begins; absent on the last one',
    modern: `${M}/pagination/002`,
    legacy: `${L}/pagination/003`,
    source: ['src/wire/mcp/page.ts', 'function pageOf'],
  },
  'result ttlMs': {
    what: 'how long the client may cache this, in milliseconds',
    modern: `${M}/caching/001`,
    source: ['src/wire/mcp/page.ts', 'function cacheHints'],
  },
  'result cacheScope': {
    what: 'who may cache this: private means this caller only',
    modern: `${M}/caching/011`,
    source: ['src/wire/mcp/page.ts', 'function cacheHints'],
  },
  'result inputRequests': {
    what: 'what the server asks for before the client calls again',
    modern: `${M}/mrtr/018`,
    source: ['src/wire/mcp/input-rounds.ts', 'async result()'],
  },
  'result requestState': {
    what: 'to be sent back unchanged; sealed, bound to this caller and short-lived',
    modern: `${M}/mrtr/011`,
    source: ['src/wire/server/sealer.ts', 'async seal(text'],
  },
  'result supportedVersions': {
    what: 'the revisions this server speaks',
    modern: `${M}/discover/002`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'supportedVersions'],
  },
  'result capabilities': {
    what: 'what this server can do',
    modern: `${M}/discover/002`,
    legacy: `${L}/lifecycle/003`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'function capabilities'],
  },
  'result instructions': {
    what: 'for the model: how to use this server',
    modern: `${M}/discover/005`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'server.instructions'],
  },
  'result protocolVersion': {
    what: 'the revision that both sides will speak',
    legacy: `${L}/lifecycle/009`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'protocolVersion'],
  },
  'result serverInfo': {
    what: 'the name the server gives itself',
    legacy: `${L}/lifecycle/003`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'serverInfo'],
  },
  [`result _meta ${MCP}serverInfo`]: {
    what: 'the name the server gives itself: displayed, never trusted',
    modern: `${M}/basic/066`,
    source: ['src/wire/mcp/dispatch.ts', 'SERVER_INFO]'],
  },
  error: {
    what: 'the request was refused, or it failed',
    modern: `${M}/basic/014`,
    legacy: `${L}/basic/010`,
    source: ['src/wire/fault.ts', 'class Fault'],
  },
  'error code': {
    what: 'an integer that says what went wrong',
    modern: `${M}/basic/015`,
    legacy: `${L}/basic/011`,
    source: ['src/wire/fault.ts', 'const FAULTS'],
  },
  'error message': {
    what: 'what was wrong and what was expected, for people; never contains a secret',
    elsewhere: 'JSON-RPC 2.0, section 5.1',
    source: ['src/wire/fault.ts', 'class Fault'],
  },
  'error data': {
    what: 'details, for programs',
    modern: `${M}/basic/016`,
    source: ['src/wire/fault.ts', 'readonly data'],
  },
  'error data supported': {
    what: 'the revisions this server speaks',
    modern: `${M}/versioning/002`,
    source: ['src/wire/mcp/era.ts', 'function unsupported'],
  },
  'error data requested': {
    what: 'the revision the client asked for',
    modern: `${M}/versioning/002`,
    source: ['src/wire/mcp/era.ts', 'function unsupported'],
  },
  'error data requiredCapabilities': {
    what: 'the capabilities the client would need',
    modern: `${M}/basic/063`,
    source: ['src/wire/mcp/methods/lifecycle.ts', 'function missingCapabilities'],
  },
  'error data reason': {
    what: 'why, for programs; in SEP-2643, a draft, the member of this name has one value so far',
    elsewhere: 'SEP-2643 (draft), reason',
    source: ['src/wire/denial.ts', 'const DENIALS'],
  },
  'error data remediation': {
    what: '`available`: the other members say what helps; otherwise the same request must not be sent again',
    elsewhere: 'SEP-2643 (draft), remediation',
    source: ['src/wire/denial.ts', 'type Remediation'],
  },
  'error data retryAfter': {
    what: 'after how many seconds the same request may be sent again; in band there is no Retry-After header',
    elsewhere: "this project's own",
    source: ['src/wire/denial.ts', 'retryAfter:'],
  },
  'error data approval': {
    what: 'where a person decides about this very call, and until when',
    elsewhere: "this project's own",
    source: ['src/wire/mcp/authority.ts', 'function noticeData'],
  },
  'error data scope': {
    what: 'the scopes that a token needs, as in WWW-Authenticate',
    modern: `${M}/authorization/050`,
    source: ['src/oauth/challenge.ts', '#fault('],
  },
  'error data resource_metadata': {
    what: 'where to find out who issues tokens, as in WWW-Authenticate',
    modern: `${M}/authorization/051`,
    source: ['src/oauth/challenge.ts', '#fault('],
  },
  resource: {
    what: 'what a token must be issued for: its audience',
    modern: `${M}/authorization/036`,
    source: ['src/oauth/protected-resource.ts', 'function resourceIdentifier'],
  },
  authorization_servers: {
    what: 'who issues tokens for this server',
    modern: `${M}/authorization-server-discovery/002`,
    legacy: `${L}/authorization/011`,
    source: ['src/oauth/protected-resource.ts', 'type ResourceMetadata'],
  },
  scopes_supported: {
    what: 'the scopes a client can ask for',
    modern: `${M}/authorization/019`,
    source: ['src/oauth/protected-resource.ts', 'type ResourceMetadata'],
  },
};
