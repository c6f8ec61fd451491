/** A loopback address under its other name: `127.0.0.1` for `localhost`. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../oauth/protected-resource.js';

/** Whether the request names another of this machine's own names than `origin` does, on its port. */
export function byAnotherName({ headers }: IncomingMessage, origin: string): boolean {
  const address = `http://${headers.host ?? ''}`;
  if (!URL.canParse(address)) return false;
  const [named, own] = [new URL(address), new URL(origin)];
  const near = isLoopback(named.hostname) && isLoopback(own.hostname);
  return near && named.port === own.port && named.hostname !== own.hostname;
}
