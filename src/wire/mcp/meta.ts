/**
 * The `_meta` keys that MCP defines, and what a request's own `_meta` says of its sender. A modern request that lacks one of
 * the two required fields is refused as a whole (2026-07-28/basic/058); `clientInfo` is welcome and never trusted (/066, /067).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#_meta
 */
import { Fault } from '../fault.js';
import { isId } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import { isRecord, type JsonObject, preview } from '../value.js';
import { type Connection, clientName } from './connection.js';
import { isLogLevel, LOG_LEVELS, type LogLevel } from './definitions.js';
import { mustBe } from './params.js';
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
  const version = meta?.[PROTOCOL_VERSION];
  const capabilities = meta?.[CLIENT_CAPABILITIES];
  if (version === undefined || capabilities === undefined) {
    const lacks = [PROTOCOL_VERSION, CLIENT_CAPABILITIES].filter((key) => meta?.[key] === undefined);
    return incomplete(`params._meta lacks ${lacks.map((key) => `"${key}"`).join(' and ')}`);
  }
  if (!isRecord(capabilities))
    return incomplete(`"${CLIENT_CAPABILITIES}" must be an object, received ${preview(capabilities)}`);
  const client = meta?.[CLIENT_INFO];
  const named = isRecord(client) && typeof client.name === 'string' && typeof client.version === 'string';
  if (client !== undefined && !named)
    return incomplete(`"${CLIENT_INFO}" must have a text "name" and "version", received ${preview(client)}`);
  const level = meta?.[LOG_LEVEL];
  if (level === undefined || isLogLevel(level)) return undefined;
  return mustBe(`"${LOG_LEVEL}"`, `one of ${LOG_LEVELS.join(', ')}`, level);
}

function incomplete(detail: string): Fault {
  return new Fault('incompleteMeta', detail);
}

/**
 * What a request says of its sender: a modern one in its own `_meta`, which checkMeta has passed, a legacy one through its
 * connection, if anything remembers that.
 */
export function readCaller(
  principal: Principal,
  meta: JsonObject | undefined,
  modern: boolean,
  connection: Connection | undefined,
): Caller | Fault {
  const progressToken = meta?.progressToken;
  if (progressToken !== undefined && !isId(progressToken))
    return mustBe('"progressToken"', 'a string or an integer', progressToken);
  if (!modern) {
    const { capabilities, client, logLevel } = connection ?? {};
    return { principal, progressToken, capabilities, client, logLevel };
  }
  const capabilities = meta?.[CLIENT_CAPABILITIES];
  return {
    principal,
    progressToken,
    capabilities: isRecord(capabilities) ? capabilities : {},
    client: clientName(meta?.[CLIENT_INFO]),
    logLevel: meta?.[LOG_LEVEL] as LogLevel | undefined,
  };
}
