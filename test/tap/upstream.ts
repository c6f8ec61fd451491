/** A server behind the tap that a test scripts, byte by byte. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export type Raw = {
  url: URL;
  /** Its connections, in the order in which they came. */
  sockets: Socket[];
  /** What has come on all of them. */
  received: () => string;
  close(): Promise<void>;
};

/** @param onHead called with each connection when a whole head has come on it */
export async function rawServer(onHead: (socket: Socket, head: string) => void): Promise<Raw> {
  const sockets: Socket[] = [];
  let received = '';
  const server = createServer({ noDelay: true }, (socket) => {
    let head = '';
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      head += bytes.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const whole = head.slice(0, end);
      head = '';
      onHead(socket, whole);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    sockets,
    received: () => received,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A response with a body. */
export function answer(body: string, headers: readonly string[] = [], status = '200 OK'): string {
  return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join(
    '\r\n',
  );
}
