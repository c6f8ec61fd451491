/** A look at the server before anybody uses the tap: whether it can be reached, and whether its certificate is trusted. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { whyUnreachable } from '../../unreachable.js';

/** @returns what is wrong; undefined if the server accepts connections */
export function probe(target: URL, timeoutMs: number): Promise<string | undefined> {
  const isTls = target.protocol === 'https:';
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = Number(target.port || (isTls ? 443 : 80));
  return new Promise((resolve) => {
    const socket: Socket = isTls
      ? connectTls({ host, port, servername: host, timeout: timeoutMs }, () => end(undefined))
      : connectPlain({ host, port, timeout: timeoutMs }, () => end(undefined));
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('timeout', () => end(`${target.origin}: no answer within ${timeoutMs / 1_000} s`));
    socket.once('error', (error) => end(whyUnreachable(error, target)));
  });
}
