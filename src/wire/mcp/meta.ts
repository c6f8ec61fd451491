/**
 * The `_meta` keys that MCP defines, and the reading of a modern request's own. A request that lacks one of the two
 * required fields is refused as a whole (2026-07-28/basic/058); `clientInfo` is welcome and never trusted (/066, /067).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#_meta
 */

import { Fault } from '../fault.js';
import { type Id, isId } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import { type Connection, clientName } from './connection.js';
import { isLogLevel, LOG_LEVELS } from './definitions.js';
import type { Caller } from './request-context.js';

export const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
export const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
export const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** `params._meta`, or undefined where there is none. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  return isRecord(params._meta) ? params._meta : undefined;
}

/** Whether a message says, in its body, that it is a modern one. */
export function claimsModern(meta: JsonObject | undefined): meta is JsonObject {
  return meta !== undefined && (PROTOCOL_VERSION in meta || CLIENT_CAPABILITIES in meta);
}

/** What is wrong with the `_meta` of a modern request, if anything. */
export function checkMeta(meta: JsonObject | undefined): Fault | undefined {
  const missing = [PROTOCOL_VERSION, CLIENT_CAPABILITIES].filter((key) => meta?.[key] === undefined);
  if (meta === undefined || missing.length > 0) {
    return incomplete(`params._meta lacks ${missing.map((key) => `"${key}"`).join(' and ')}`);
  }
  if (!isRecord(meta[CLIENT_CAPABILITIES])) {
    return incomplete(
      `"${CLIENT_CAPABILITIES}" must be an object, received ${preview(meta[CLIENT_CAPABILITIES])}`,
    );
  }
  const client = meta[CLIENT_INFO];
  if (client !== undefined && !(isRecord(client) && isText(client.name) && isText(client.version))) {
    return incomplete(`"${CLIENT_INFO}" must have a text "name" and "version", received ${preview(client)}`);
  }
  const level = meta[LOG_LEVEL];
  if (level !== undefined && !isLogLevel(level)) {
    return new Fault(
      'invalidParams',
      `"${LOG_LEVEL}" must be one of ${LOG_LEVELS.join(', ')}, received ${preview(level)}`,
    );
  }
  return undefined;
}

/** What a modern request says of its sender, once checkMeta has passed its `_meta`. */
export function modernCaller(principal: Principal, meta: JsonObject | undefined): Caller | Fault {
  const token = progressToken(meta);
  if (token instanceof Fault) return token;
  const capabilities = meta?.[CLIENT_CAPABILITIES];
  const level = meta?.[LOG_LEVEL];
  return {
    principal,
    progressToken: token,
    capabilities: isRecord(capabilities) ? capabilities : {},
    client: clientName(meta?.[CLIENT_INFO]),
    logLevel: isLogLevel(level) ? level : undefined,
  };
}

/** The same of a legacy request, with what its connection remembers, if anything does. */
export function legacyCaller(
  principal: Principal,
  meta: JsonObject | undefined,
  connection: Connection | undefined,
): Caller | Fault {
  const token = progressToken(meta);
  if (token instanceof Fault) return token;
  return {
    principal,
    progressToken: token,
    capabilities: connection?.capabilities,
    client: connection?.client,
    logLevel: connection?.logLevel,
  };
}

function progressToken(meta: JsonObject | undefined): Id | undefined | Fault {
  const token = meta?.progressToken;
  if (token === undefined || isId(token)) return token;
  return new Fault(
    'invalidParams',
    `"progressToken" must be a string or an integer, received ${preview(token)}`,
  );
}

function incomplete(detail: string): Fault {
  return new Fault('incompleteMeta', detail);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
