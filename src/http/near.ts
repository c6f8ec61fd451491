/** Whether a request comes from this very machine: what is shown to nobody else asks here first. */
import type { IncomingMessage } from 'node:http';
import { checkHost } from './guard.js';

/** From this machine, by one of its own names, and not by way of a proxy on it. IPv4 may come as it is or within IPv6. */
export function isNear({ socket, headers }: IncomingMessage, host: string | undefined): boolean {
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers.via;
  const near = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(socket.remoteAddress ?? '');
  return near && forwarded === undefined && checkHost(host, { hosts: [], origins: [] }) === undefined;
}
