/**
 * The `_meta` keys that MCP defines, and what clients say about themselves: a modern one in the `_meta` of each request, a legacy one in
 * `initialize`. A modern request that lacks one of the two required fields is refused (2026-07-28/basic/058). `clientInfo` is optional
 * and never trusted (/066, /067).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#_meta
 */
import { Fault, invalidParams, mustBe } from '../fault.js';
import { isId, isTooLong, MAX_ID } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import type { Revision } from '../revisions.js';
import { isRecord, type JsonObject, preview, shorten } from '../value.js';
import { type Connection, WatchedUris } from './connection.js';
import { isLogLevel, LOG_LEVELS, type LogLevel } from './definitions.js';
import type { Caller } from './request-context.js';

export const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';
export const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
export const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
export const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** `params._meta`, or undefined if there is none. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  return isRecord(params._meta) ? params._meta : undefined;
}

/** Whether a message says in its body that it is modern. */
export function claimsModern(meta: JsonObject | undefined): meta is JsonObject {
  return meta !== undefined && (PROTOCOL_VERSION in meta || CLIENT_CAPABILITIES in meta);
}

/** What is wrong with the `_meta` of a modern request, if anything. */
export function checkMeta(meta: JsonObject | undefined): Fault | undefined {
  const version = meta?.[PROTOCOL_VERSION];
  const capabilities = meta?.[CLIENT_CAPABILITIES];
  if (version === undefined || capabilities === undefined) {
    const missingKeys = [PROTOCOL_VERSION, CLIENT_CAPABILITIES].filter((key) => meta?.[key] === undefined);
    return incomplete(`params._meta lacks ${missingKeys.map((key) => `"${key}"`).join(' and ')}`);
  }
  if (!isRecord(capabilities))
    return incomplete(`"${CLIENT_CAPABILITIES}" must be an object, received ${preview(capabilities)}`);
  const client = meta?.[CLIENT_INFO];
  const isValid = isRecord(client) && typeof client.name === 'string' && typeof client.version === 'string';
  if (client !== undefined && !isValid)
    return incomplete(`"${CLIENT_INFO}" must have a "name" and a "version", received ${preview(client)}`);
  const level = meta?.[LOG_LEVEL];
  if (level === undefined || isLogLevel(level)) return undefined;
  return mustBe(`"${LOG_LEVEL}"`, `one of ${LOG_LEVELS.join(', ')}`, level);
}

function incomplete(detail: string): Fault {
  return new Fault('incompleteMeta', detail);
}

/** What a request says about its sender: a modern one in its `_meta`, which checkMeta has passed, a legacy one through its connection. */
export function readCaller(
  principal: Principal,
  meta: JsonObject | undefined,
  isModern: boolean,
  connection: Connection | undefined,
): Caller | Fault {
  const progressToken = meta?.progressToken;
  if (progressToken !== undefined && !isId(progressToken))
    return isTooLong(progressToken)
      ? invalidParams(
          `"progressToken" may have at most ${MAX_ID} characters, received ${progressToken.length}`,
        )
      : mustBe('"progressToken"', 'a string or an integer up to 2^53-1', progressToken);
  if (!isModern) {
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

/** What a legacy client says about itself in the params of `initialize`. */
export function createConnection(revision: Revision, { capabilities, clientInfo }: JsonObject): Connection {
  return {
    revision,
    capabilities: isRecord(capabilities) ? capabilities : {},
    client: clientName(clientInfo),
    logLevel: 'info',
    watched: new WatchedUris(),
  };
}

/** A longer name or version is cut; no honest client has one. */
const MAX_NAME_CHARS = 200;

/** `name/version` of a `clientInfo`. A client may call itself anything, so nothing trusts it (basic/066). */
export function clientName(info: unknown): string | undefined {
  if (!isRecord(info) || typeof info.name !== 'string') return undefined;
  const name = shorten(info.name, MAX_NAME_CHARS);
  return typeof info.version === 'string' ? `${name}/${shorten(info.version, MAX_NAME_CHARS)}` : name;
}
