/**
 * Fetches a URL that a stranger gave us: bounded in size and time, without redirects, and only where reach.ts allows it. The
 * connection goes to the address that was checked.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { refuseUpgrade } from '../../client/refuse-upgrade.js';
import { http } from '../../wire/http/node-http.js';
import { checkAddress, checkUrl, type Reach } from './reach.js';

export type Lookup = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export type FetchOptions = {
  method?: string;
  headers?: { [name: string]: string };
  body?: string;
  /** Aborts at any time, even in the middle of the body. */
  signal: AbortSignal;
  maxBytes: number;
  /** Called with the head, and then with each chunk: true when the rest is not needed. The connection ends then. */
  isEnough?: (headers: IncomingHttpHeaders, chunk?: Buffer) => boolean;
};

export type HttpResult = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Rejects AddressNotAllowed | TooLarge | an error of the connection. */
export type HttpFetch = (url: URL, asking: FetchOptions) => Promise<HttpResult>;

export class TooLarge extends Error {
  override readonly name = 'TooLarge';

  constructor(mostBytes: number) {
    super(`the answer has more than ${mostBytes} bytes`);
  }
}

export function createGuardedFetch(reach: Reach, lookup: Lookup = systemLookup): HttpFetch {
  return async (url, { method = 'GET', headers = {}, body, signal, maxBytes, isEnough }) => {
    checkUrl(url, reach);
    const checkedLookup: LookupFunction = (hostname, _options, callback) => {
      lookup(hostname, { all: true }, (error, addresses) => {
        if (error !== null) return callback(error, []);
        try {
          for (const { address } of addresses) checkAddress(address, url, reach);
        } catch (refusal) {
          return callback(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
        }
        callback(null, addresses);
      });
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? secureRequest : http.request;
      // A new connection: a pooled one may have been checked for another name.
      const request = refuseUpgrade(
        send(url, { method, headers, signal, agent: false, lookup: checkedLookup }),
      );
      request.on('error', reject);
      request.on('response', (response) => read(response, maxBytes, isEnough).then(resolve, reject));
      request.end(body);
    });
  };
}

async function read(
  response: IncomingMessage,
  mostBytes: number,
  isEnough: FetchOptions['isEnough'] = () => false,
): Promise<HttpResult> {
  const { statusCode: status = 502, headers } = response;
  const chunks: Buffer[] = [];
  let length = 0;
  if (isEnough(headers)) response.destroy();
  else
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw new TooLarge(mostBytes);
      chunks.push(chunk);
      // Ends the connection, too.
      if (isEnough(headers, chunk)) break;
    }
  return { status, headers, body: Buffer.concat(chunks) };
}
