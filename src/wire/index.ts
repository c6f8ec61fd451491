/** The protocol alone: tools, resources and prompts over HTTP and stdio. Everything else is a port that a caller may fill. */
export { Fault, type FaultName } from './fault.js';
export type { Decision } from './mcp/audit-context.js';
export { type Change, Changes } from './mcp/changes.js';
export type {
  Cache,
  Completer,
  HandlerContext,
  InputRequest,
  Prompt,
  PromptArgument,
  PromptResult,
  Resource,
  ResourceContents,
  ResourceTemplate,
} from './mcp/definitions.js';
export {
  ArgumentError,
  type ContentAnnotations,
  type ContentBlock,
  defineTool,
  type Tool,
  type ToolAnnotations,
  type ToolContext,
  ToolError,
  type ToolOutcome,
  type ToolResult,
} from './mcp/definitions.js';
export { elicit, elicitUrl, listRoots, sample } from './mcp/input.js';
export type { LogLevel } from './mcp/log.js';
export type { ApprovalPort, AuditPort, McpServer, Policy, Sealer } from './mcp/mcp-server.js';
export type { TaskStore } from './mcp/task-store.js';
export type { Principal } from './principal.js';
export { SchemaRefused } from './schema/compile.js';
export { BOUNDS, type Bounds } from './server/bounds.js';
export { createServer } from './server/create-server.js';
export { createHttpEndpoint, type HttpEndpoint } from './server/endpoint.js';
export type { HttpOptions, ServerOptions } from './server/options.js';
export type { RouteHandler, SessionStore, TokenGuard } from './server/ports.js';
export { createSealer } from './server/sealer.js';
export { reserveStdout, serveStdio } from './stdio/serve.js';
