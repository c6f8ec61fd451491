/**
 * A page on this machine to which the browser comes back. It takes one answer, the one with the state of the request, and
 * ignores every other visitor: any page in the browser can reach it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen } from '../../wire/http/listener.js';
import { isLoopback } from '../protected-resource.js';
import { AuthorizationError } from './errors.js';
import type { Settings } from './options.js';

export type RedirectListener = {
  redirectUri: string;
  /** The answer with this state. Rejects when it does not come in time. */
  answer(state: string, settings: Settings): Promise<URLSearchParams>;
  close(): Promise<void>;
};

const DEFAULT = 'http://127.0.0.1:0/callback';
const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
};

/** At `fixed`; else at `preferred` if its port is free, and at any port if it is not. */
export async function openRedirectListener(
  fixed: string | undefined,
  preferred: string | undefined,
): Promise<RedirectListener> {
  if (fixed !== undefined) return openAt(fixed);
  return openAt(preferred ?? DEFAULT).catch(() => openAt(DEFAULT));
}

async function openAt(address: string): Promise<RedirectListener> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.protocol !== 'http:' || !isLoopback(url.hostname))
    throw new AuthorizationError(
      `the redirect URI: expected an http address on this machine, received ${address}`,
    );
  let deliver: ((parameters: URLSearchParams) => boolean) | undefined;
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const parameters = readAnswer(request, url);
    const isTaken = parameters !== undefined && deliver?.(parameters) === true;
    reply(response, isTaken ? parameters : undefined);
  });
  const port = await listen(server, Number(url.port), url.hostname.replace(/[[\]]/g, '')).catch((error) => {
    throw new AuthorizationError(`the redirect URI ${address} cannot be used`, undefined, { cause: error });
  });
  url.port = String(port);
  return {
    redirectUri: url.href,
    close: () => close(server, 500),
    answer: (state, { after, signal, signInMs }) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const settle = (): void => {
          deliver = undefined;
          cancel();
          signal?.removeEventListener('abort', stop);
        };
        const stop = (): void => {
          settle();
          reject(signal?.reason);
        };
        const cancel = after(signInMs, () => {
          settle();
          reject(new AuthorizationError(`nobody signed in within ${Math.round(signInMs / 1000)} s`));
        });
        signal?.addEventListener('abort', stop);
        deliver = (parameters) => {
          // Two states are no state: a parameter must not be repeated.
          if (parameters.getAll('state').join(' ') !== state) return false;
          settle();
          resolve(parameters);
          return true;
        };
      }),
  };
}

/** The parameters of a visit that may be the answer. */
function readAnswer({ method, url = '', headers }: IncomingMessage, at: URL): URLSearchParams | undefined {
  if (method !== 'GET' || !URL.canParse(url, at.href)) return undefined;
  const target = new URL(url, at);
  // DNS rebinding: a name of somebody else may lead here.
  const isHere =
    URL.canParse(`http://${headers.host}`) && isLoopback(new URL(`http://${headers.host}`).hostname);
  return isHere && target.origin === at.origin && target.pathname === at.pathname
    ? target.searchParams
    : undefined;
}

function reply(response: ServerResponse, taken: URLSearchParams | undefined): void {
  const text =
    taken === undefined
      ? 'There is nothing to see here.'
      : taken.has('error')
        ? 'You were not signed in. You may close this window; the terminal says why.'
        : 'You may close this window, and go back to the terminal.';
  response.writeHead(taken === undefined ? 404 : 200, HEADERS).end(`${text}\n`);
}
