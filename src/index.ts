/** The library's face: what somebody needs to put tools of their own on the wire. */
export { createEndpoint, type Endpoint } from './endpoint/endpoint.js';
export { BOUNDS, type Bounds, type EndpointOptions } from './endpoint/options.js';
export {
  type ContentBlock,
  defineTool,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
} from './mcp/tool.js';
export { SchemaRefused } from './schema/compile.js';
export { serveStdio } from './stdio/serve.js';
