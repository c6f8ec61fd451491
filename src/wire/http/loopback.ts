/**
 * The other loopback address. `localhost` is 127.0.0.1 and ::1, and browsers try ::1 first: a program that listened there, on
 * the port of one of our servers, would be its origin to every browser, and get what that browser keeps for it. So a server
 * that goes by `localhost` takes its port on both.
 */
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';

const twins = new WeakMap<Server, NetServer>();
/** A machine without IPv6, or without IPv4, has no second address for anybody. */
const NO_SUCH_ADDRESS: readonly (string | undefined)[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** Hands what connects to the other loopback address to `server`, which listens. Rejects when its port is taken there. */
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
      server.once('close', () => twin.close());
      resolve();
    });
  });
}

/** Takes no more connections there; resolves when those that are open have ended. */
export function closeTwin(server: Server): Promise<void> {
  const twin = twins.get(server);
  return new Promise((resolve) => {
    if (twin?.listening) twin.close(() => resolve());
    else resolve();
  });
}
