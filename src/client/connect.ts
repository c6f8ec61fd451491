/** Opens a client over HTTP or stdio. */
import { type Client, McpClient } from './client.js';
import { ClientError } from './client-error.js';
import { shakeHands } from './handshake.js';
import { HttpTransport } from './http-transport.js';
import { DEFAULT_TIMEOUT_MS, Peer } from './peer.js';
import type { ClientOptions } from './ports.js';
import { type StdioOptions, StdioTransport } from './stdio-transport.js';
import { ToolBook } from './tools.js';

export async function connectHttp(url: URL, options: ClientOptions): Promise<Client> {
  if (!/^https?:$/.test(url.protocol))
    throw new ClientError('usage', `${url.href}: expected an address with http:// or https://`);
  const { timeoutMs = DEFAULT_TIMEOUT_MS, handlers = {}, onNotification } = options;
  let transport: HttpTransport | undefined;
  const peer = new Peer(options, (receive) => {
    transport = new HttpTransport(url, timeoutMs, options, receive);
    return transport;
  });
  const tools = new ToolBook(() => peer.era === 'modern', options.onWarning);
  return new McpClient(peer, tools, options, async () => {
    const server = await shakeHands(peer, options, false);
    // Only a client that can be asked or told something needs the stream.
    const listens = onNotification !== undefined || Object.keys(handlers).length > 0;
    if (peer.era === 'legacy' && listens) void transport?.listen();
    return server;
  }).open();
}

export async function connectStdio(command: readonly string[], options: StdioOptions): Promise<Client> {
  if (command.length === 0) throw new ClientError('usage', 'expected a command that starts the server');
  const connect = (stdioOptions: StdioOptions): Promise<Client> => {
    const peer = new Peer(stdioOptions, (receive) => new StdioTransport(command, stdioOptions, receive));
    const tools = new ToolBook(() => false);
    return new McpClient(peer, tools, stdioOptions, () => shakeHands(peer, stdioOptions, true)).open();
  };
  try {
    return await connect(options);
  } catch (error) {
    // Some legacy servers end when their first message is not `initialize`.
    const ended = error instanceof ClientError && error.kind === 'closed' && error.cause === undefined;
    if (!ended || options.revision !== undefined || options.era !== undefined) throw error;
    return connect({ ...options, era: 'legacy' });
  }
}
