/**
 * Fetches an address that a stranger gave us: within bounds of size and time, following no redirect, and never from
 * an address inside this network. This machine itself may be asked, since clients under development live there, but
 * only by a name that says so: a public name that leads to it is refused like any other way in.
 *
 * @see https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#server-side-request-forgery-ssrf
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { isLoopback } from '../auth/protected-resource.js';

const MOST_BYTES = 64 * 1024;
const MOST_MS = 2_500;

/** Special-use ranges (RFC 6890 and its successors). */
const INSIDE: readonly [address: string, bits: number, family: 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['::ffff:0:0:0', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
  ['5f00::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
const inside = new BlockList();
for (const [address, bits, family] of INSIDE) inside.addSubnet(address, bits, family);
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export type Fetch = (address: string | URL | Request, init?: RequestInit) => Promise<Response>;
type Lookup = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export function createGuardedFetch(lookup: Lookup = systemLookup): Fetch {
  return async (address, init = {}) => {
    const url = new URL(address instanceof Request ? address.url : address);
    const near = isLoopback(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && near)) {
      throw new Error(`${url.origin} is not asked: only https is, and http on loopback`);
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) requireAllowed(host, near);
    const checked: LookupFunction = (hostname, _options, done) => {
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error !== null) return done(error, []);
        try {
          for (const { address } of addresses) requireAllowed(address, near);
        } catch (refusal) {
          return done(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
        }
        done(null, addresses);
      });
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? secureRequest : plainRequest;
      const headers = Object.fromEntries(new Headers(init.headers));
      const signal = init.signal ?? AbortSignal.timeout(MOST_MS);
      // Its own connection, and the addresses that were checked are those that it connects to.
      const request = send(url, {
        method: init.method ?? 'GET',
        headers,
        signal,
        agent: false,
        lookup: checked,
      });
      request.on('error', reject);
      request.on('response', (answer) => read(answer).then(resolve, reject));
      request.end();
    });
  };
}

async function read(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const status = answer.statusCode ?? 502;
  const headers = new Headers();
  for (const name of ['cache-control', 'content-type', 'expires']) {
    const value = answer.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const body = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
  return new Response(body, { status, headers });
}

function requireAllowed(address: string, near: boolean): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const allowed = near ? loopback.check(address, family) : !inside.check(address, family);
  if (!allowed)
    throw new Error(`${address} is not asked: it is ${near ? 'not this machine' : 'inside this network'}`);
}
