/** Shows every byte of outgoing connections, before TLS encrypts it and after TLS decrypts it. */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** Bytes of one connection; the pipes of a process count as one. */
export type WireEvent =
  | { kind: 'sent' | 'received'; connection: number; bytes: Buffer }
  | { kind: 'ended'; connection: number };
export type Watch = (event: WireEvent) => void;

/** The same watcher, whose errors do not reach the sender. */
export function harmless(watch: Watch = () => undefined): Watch {
  return (event) => {
    try {
      watch(event);
    } catch {
      // The bytes travel, seen or not.
    }
  };
}

/** All connections that the agent opens from now on. */
export function watchSockets(agent: Agent, watch: Watch): void {
  const connecting = agent as unknown as { createConnection(...args: unknown[]): Socket };
  const connect = connecting.createConnection.bind(agent);
  const show = harmless(watch);
  connecting.createConnection = (...args) => {
    const socket = connect(...args);
    const connection = nextConnection();
    const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
    socket.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
      const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
      show({ kind: 'sent', connection, bytes });
      return write(chunk, ...rest);
    }) as typeof socket.write;
    socket.on('data', (bytes: Buffer) => show({ kind: 'received', connection, bytes }));
    socket.once('close', () => show({ kind: 'ended', connection }));
    return socket;
  };
}

let connections = 0;

/** Counts the connections of this process, so that no two have the same number. */
export function nextConnection(): number {
  connections += 1;
  return connections;
}
