/** What the two sides say they can do. A server names only what it really offers: clients use nothing else. */
import { isRecord, type JsonObject } from '../value.js';
import type { McpServer } from './server.js';

export function capabilities(_server: McpServer): JsonObject {
  return { tools: {} };
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
