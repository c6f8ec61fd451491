/** A port that nobody listened on a moment ago. */
import { createServer } from 'node:net';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('there is no free port')),
      );
    });
  });
}

/** The first of `count` ports in a row that nobody listened on a moment ago. */
export async function freePortsInARow(count: number): Promise<number> {
  for (;;) {
    const base = await freePort();
    const following = Array.from({ length: count - 1 }, (_, index) => isFree(base + 1 + index));
    if ((await Promise.all(following)).every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    if (port > 65_535) resolve(false);
    else server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
