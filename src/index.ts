/** The library's face: what somebody needs to put tools, resources and prompts of their own on the wire. */
export type { Approval, Approver, Desk } from './approval/approval.js';
export { type Approvals, createApprovals } from './approval/approvals.js';
export { type Audit, openAudit } from './audit/log.js';
export type { AuthOptions, Refusal } from './auth/protection.js';
export { createApproving, recordSteps } from './endpoint/approving.js';
export { createEndpoint, type Endpoint } from './endpoint/endpoint.js';
export type { SessionOptions } from './endpoint/kept-sessions.js';
export type { Limits } from './endpoint/limits.js';
export type { ManifestOptions } from './endpoint/manifest.js';
export {
  type AuditOptions,
  BOUNDS,
  type Bounds,
  type EndpointOptions,
  type Pages,
} from './endpoint/options.js';
export { createPolicy, type PolicyOptions } from './endpoint/policy.js';
export type { Observe, Observer } from './http/observe.js';
export type { Policy } from './mcp/access.js';
export type { Decision } from './mcp/account.js';
export { type Change, Changes } from './mcp/changes.js';
export type { HandlerContext } from './mcp/context.js';
export { elicit, elicitUrl, type InputRequest, listRoots, sample } from './mcp/input.js';
export type { LogLevel } from './mcp/log.js';
export type { Prompt, PromptArgument, PromptResult } from './mcp/prompts.js';
export type { Cache, Completer, Resource, ResourceContents, ResourceTemplate } from './mcp/resources.js';
export type { McpServer } from './mcp/server.js';
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
} from './mcp/tool.js';
export { policy_decide } from './policy/decide.js';
export type { Principal } from './principal.js';
export { SchemaRefused } from './schema/compile.js';
export { type SharedState, StateUnavailable } from './shared-state.js';
export { reserveStdout } from './stdio/own-stdout.js';
export { serveStdio } from './stdio/serve.js';
export { createMemoryState } from './store/memory-state.js';
export { createPostgresState } from './store/postgres-state.js';
