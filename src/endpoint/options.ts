/** What somebody says to make an endpoint, and the bounds it keeps unless told otherwise. */
import type { Implementation } from '../mcp/server.js';
import type { Tool } from '../mcp/tool.js';

/** Every bound is a setting; these are the defaults. Times are milliseconds. */
export const BOUNDS = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  jsonDepth: 64,
  batchMessages: 50,
  requestMs: 30_000,
  toolDeadlineMs: 30_000,
  keepAliveMs: 15_000,
  /** How long answers may take to finish once the server is told to stop. */
  drainMs: 5_000,
  pageSize: 100,
  listTtlMs: 60_000,
};

export type Bounds = typeof BOUNDS;

export type EndpointOptions = Implementation & {
  /** For a model: how to use this server. */
  instructions?: string;
  tools: readonly Tool[];
  /** Where the endpoint stands; `/mcp` unless given. */
  path?: string;
  /** Host names to serve besides the loopback ones. */
  allowHosts?: readonly string[];
  /** Origins that browsers may call from besides loopback pages. */
  allowOrigins?: readonly string[];
  bounds?: Partial<Bounds>;
  /** Rejects with the reason while something that the tools need cannot be reached: `GET /readyz`. */
  ready?: () => Promise<void>;
  /** Told of everything unexpected; nothing of it reaches the wire. Writes to stderr unless given. */
  onError?: (error: unknown, about: string) => void;
};
