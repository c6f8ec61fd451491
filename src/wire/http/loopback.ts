/** A server on `127.0.0.1` also listens on `::1`, and the other way round, because clients may resolve `localhost` to either. */
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';

const twins = new WeakMap<Server, NetServer>();
/** On a machine without IPv6, or without IPv4, nobody can use the second address. */
const NO_SUCH_ADDRESS: readonly (string | undefined)[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** Hands connections to the other loopback address to `server`, which listens already. Rejects when the port is taken there. */
export function listenOnBoth(server: Server): Promise<void> {
  const { address, port } = server.address() as AddressInfo;
  const twin = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    server.emit('connection', socket),
  );
  twin.unref();
  return new Promise((resolve, reject) => {
    twin.once('error', (error: NodeJS.ErrnoException) => {
      if (NO_SUCH_ADDRESS.includes(error.code)) resolve();
      else reject(error);
    });
    twin.listen(port, address === '::1' ? '127.0.0.1' : '::1', () => {
      twins.set(server, twin);
      resolve();
    });
  });
}

/** Accepts no more connections there. Resolves when the open ones have ended. */
export function closeTwin(server: Server): Promise<void> {
  const twin = twins.get(server);
  return new Promise((resolve) => {
    if (twin?.listening) twin.close(() => resolve());
    else resolve();
  });
}
