/** What one MCP server is, independent of any transport: the methods read it, nobody changes it. */

import type { Request } from '../jsonrpc/message.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { Catalog } from './catalog.js';
import type { Exchange } from './exchange.js';

export type Implementation = { name: string; title?: string; version: string; description?: string };

export type McpServer = {
  info: Implementation;
  /** For a model: how to use this server. */
  instructions?: string;
  catalog: Catalog;
  settings: Settings;
  /** Told of everything unexpected, with its cause; the wire only says that it happened. */
  onError: (error: unknown, request: Request) => void;
};

export type Settings = {
  /** Items on one page of a list. */
  pageSize: number;
  /** Milliseconds that a client may keep a list (`ttlMs`). */
  listTtlMs: number;
  /** Milliseconds that a tool may take. */
  toolDeadlineMs: number;
};

/** One protocol method: the eras that have it, and its answer. A refusal is thrown as a Fault. */
export type Method = {
  name: string;
  eras: readonly Era[];
  handle(request: Request, exchange: Exchange, server: McpServer): JsonObject | Promise<JsonObject>;
};
