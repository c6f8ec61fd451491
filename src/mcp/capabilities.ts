/** What a server says it can do. Only what it really offers is named: clients use nothing else. */
import type { JsonObject } from '../jsonrpc/json.js';
import type { McpServer } from './server.js';

export function capabilities(_server: McpServer): JsonObject {
  return { tools: {} };
}
