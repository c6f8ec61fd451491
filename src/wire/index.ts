/** The protocol alone: tools, resources and prompts over HTTP and stdio. Everything else is a port that callers may implement. */
import type { serveStdio as ServeStdio } from './stdio/serve.js';

export { DENIAL_SCHEMA, type DenialReason, type Remediation } from './denial.js';
export { Fault, type FaultName } from './fault.js';
export { type Change, Changes } from './mcp/connection.js';
export type { Decision } from './mcp/decision.js';
export type {
  Cache,
  Completer,
  HandlerContext,
  InputRequest,
  LogLevel,
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
export type { ApprovalPort, AuditPort, McpServer, Policy, Sealer } from './mcp/mcp-server.js';
export type { TaskStore } from './mcp/task-store.js';
export type { Principal } from './principal.js';
export { SchemaRefused } from './schema/compile.js';
export { BOUNDS, type Bounds, createServer, type ServerOptions } from './server/create-server.js';
export { createHttpEndpoint, type HttpEndpoint, type HttpOptions } from './server/endpoint.js';
export type { RouteHandler, SessionStore, TokenGuard } from './server/ports.js';
export { createSealer } from './server/sealer.js';
export { reserveStdout } from './stdio/own-stdout.js';

/** Loaded on first use, because an HTTP server never needs it. */
export const serveStdio = async (...args: Parameters<typeof ServeStdio>): Promise<void> =>
  (await import('./stdio/serve.js')).serveStdio(...args);
