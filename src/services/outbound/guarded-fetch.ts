/**
 * Asks an address that a stranger gave us: within bounds of size and time, following no redirect, and only where reach.ts
 * lets it. The addresses that were checked are those that are connected to.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { checkAddress, checkUrl, type Reach } from './reach.js';

export type Lookup = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export type FetchOptions = {
  method?: string;
  headers?: { [name: string]: string };
  body?: string;
  /** Ends it, wherever it is: before there is a connection, and in the middle of the body. */
  signal: AbortSignal;
  maxBytes: number;
};

export type HttpResult = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Rejects OutOfReach | TooLarge | what node says of a connection that failed. */
export type HttpFetch = (url: URL, asking: FetchOptions) => Promise<HttpResult>;

export class TooLarge extends Error {
  override readonly name = 'TooLarge';

  constructor(mostBytes: number) {
    super(`the answer has more than ${mostBytes} bytes`);
  }
}

export function createGuardedFetch(reach: Reach, lookup: Lookup = systemLookup): HttpFetch {
  return async (url, { method = 'GET', headers = {}, body, signal, maxBytes }) => {
    checkUrl(url, reach);
    const checked: LookupFunction = (hostname, _options, done) => {
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error !== null) return done(error, []);
        try {
          for (const { address } of addresses) checkAddress(address, url, reach);
        } catch (refusal) {
          return done(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
        }
        done(null, addresses);
      });
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? secureRequest : plainRequest;
      // Its own connection: one that was kept open would have been checked for another name.
      const request = send(url, { method, headers, signal, agent: false, lookup: checked });
      request.on('error', reject);
      request.on('response', (answer) => read(answer, maxBytes).then(resolve, reject));
      request.end(body);
    });
  };
}

async function read(answer: IncomingMessage, mostBytes: number): Promise<HttpResult> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) throw new TooLarge(mostBytes);
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) };
}
