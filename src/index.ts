/** The library's face: what somebody needs to put tools, resources and prompts of their own on the wire. */

export { createEndpoint, type Endpoint } from './app/endpoint.js';
export type { EndpointOptions, Pages } from './app/endpoint-options.js';
export type { ManifestOptions } from './app/manifest-documents.js';
export { openSpans } from './app/spans.js';
export type { SessionOptions } from './cluster/sessions/kept-sessions.js';
export { type SharedState, StateUnavailable } from './cluster/shared-state.js';
export { createMemoryState } from './cluster/state/memory-state.js';
export { createPostgresState } from './cluster/state/postgres-state.js';
export type { Approval, ApprovalService, Approver } from './governance/approval/approval.js';
export { recordSteps } from './governance/approval/approval-steps.js';
export { type Approvals, createApprovals } from './governance/approval/approvals.js';
export { createApproving } from './governance/approval/waiting/approving.js';
export { type Audit, openAudit } from './governance/audit/log.js';
export type { AuditOptions } from './governance/audit/recorder.js';
export type { Limits } from './governance/policy/limits.js';
export { createPolicy, type PolicyOptions } from './governance/policy/policy.js';
export { policy_decide } from './governance/policy/rules.js';
export type { Observe, Observer } from './lesson/trace/observe.js';
export type { AuthOptions, Refusal } from './oauth/protection.js';
export { type Change, Changes } from './wire/mcp/connection.js';
export type { Decision } from './wire/mcp/decision.js';
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
} from './wire/mcp/definitions.js';
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
} from './wire/mcp/definitions.js';
export { elicit, elicitUrl, listRoots, sample } from './wire/mcp/input.js';
export type { McpServer, Policy } from './wire/mcp/mcp-server.js';
export type { Principal } from './wire/principal.js';
export { SchemaRefused } from './wire/schema/compile.js';
export { BOUNDS, type Bounds } from './wire/server/create-server.js';
export { reserveStdout } from './wire/stdio/own-stdout.js';
export { serveStdio } from './wire/stdio/serve.js';
