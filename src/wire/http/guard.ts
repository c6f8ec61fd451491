/**
 * `Host` and `Origin`, checked before anything else: a web page that reaches a local server by DNS rebinding is stopped
 * by the first, a page on a foreign site by the second. Loopback names are allowed on any port.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security--endpoint
 */
import { Fault } from '../fault.js';

export type Guard = {
  /** Host names, without port, that requests may name besides the loopback ones. */
  hosts: readonly string[];
  /** Origins (`https://app.example.com`) that browsers may call from besides the loopback ones. */
  origins: readonly string[];
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** HTTP/1.1 has exactly one `Host` (RFC 9112, section 3.2); node shows only the first of several. */
export function checkOneHost(rawHeaders: readonly string[]): Fault | undefined {
  let given = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') given += 1;
  }
  return given === 1 ? undefined : new Fault('badHttp', `expected one Host header, received ${given}`);
}

export function checkHost(host: string | undefined, { hosts }: Guard): Fault | undefined {
  const name = hostName(host);
  const served = (one: string): boolean => one.toLowerCase() === name;
  if (LOOPBACK.some(served) || hosts.some(served)) return undefined;
  return new Fault(
    'foreignHost',
    `the Host ${JSON.stringify(host ?? '')} is not served; --allow-host adds a name to ${LOOPBACK.join(', ')}`,
  );
}

/** Nothing is wrong with a missing Origin: only browsers send one. */
export function checkOrigin(origin: string | undefined, { origins }: Guard): Fault | undefined {
  if (origin === undefined || origins.includes(origin) || isLoopback(origin)) return undefined;
  return new Fault(
    'foreignOrigin',
    `the Origin ${JSON.stringify(origin)} may not call this server; --allow-origin adds one`,
  );
}

function isLoopback(origin: string): boolean {
  const authority = /^https?:\/\/([^/]+)$/.exec(origin)?.[1];
  const name = hostName(authority);
  return name !== undefined && LOOPBACK.includes(name);
}

function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host ?? '')?.[1]?.toLowerCase();
}
