/** What the two sides say they can do. A server names only what it really offers: clients use nothing else. */
import { isRecord, type JsonObject } from '../value.js';
import type { McpServer } from './mcp-server.js';
import { TASKS_EXTENSION } from './meta.js';
import type { RequestContext } from './request-context.js';

export function capabilities(server: McpServer, exchange: RequestContext): JsonObject {
  const { era, completions } = exchange.features;
  // What cannot be told later is not promised now.
  const listChanged = remembers(exchange) ? { listChanged: true } : {};
  const said: JsonObject = { tools: listChanged };
  if (server.prompts !== undefined) said.prompts = listChanged;
  if (server.resources !== undefined) {
    said.resources = remembers(exchange) ? { subscribe: true, ...listChanged } : {};
  }
  if (completions && completes(server)) said.completions = {};
  if (server.logging && remembers(exchange)) said.logging = {};
  if (server.tasks !== undefined && era === 'modern') said.extensions = { [TASKS_EXTENSION]: {} };
  return said;
}

/**
 * Whether what a client asks for now can hold later: modern requests say it each time, legacy ones need a connection
 * that is remembered.
 */
export function remembers({ features, transport }: RequestContext): boolean {
  return features.era === 'modern' || transport.connection !== undefined;
}

export function completes({ prompts, resources }: McpServer): boolean {
  return prompts !== undefined || resources !== undefined;
}

/**
 * The part of `required` that a client did not declare on this request. In the legacy era capabilities are declared
 * once, in a handshake that is not remembered, so there nothing is held against the caller.
 */
export function missingCapabilities(
  required: JsonObject | undefined,
  declared: JsonObject | undefined,
): JsonObject | undefined {
  if (required === undefined || declared === undefined) return undefined;
  const missing: JsonObject = {};
  for (const [name, wanted] of Object.entries(required)) {
    const given = declared[name];
    if (!isRecord(given)) missing[name] = wanted;
    else if (isRecord(wanted)) {
      const inner = missingCapabilities(wanted, given);
      if (inner !== undefined) missing[name] = inner;
    }
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}
