/** A client for any MCP server, over HTTP or stdio. */
export type { Client, ListMethod } from './client.js';
export { ClientError, type ClientErrorKind } from './client-error.js';
export { connectHttp, connectStdio } from './connect.js';
export type { ServerFacts } from './handshake.js';
export type { RequestOptions } from './peer.js';
export type {
  Challenge,
  ClientOptions,
  InputHandlers,
  InputMethod,
  TokenSource,
  WireEvent,
} from './ports.js';
export type { StdioOptions } from './stdio-transport.js';
export type { TaskOptions } from './tasks.js';
