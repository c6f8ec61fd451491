/** Passes one request on with its body collected, and its answer too, so that both can be changed. For the small messages of OAuth. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { whyUnreachable } from '../../unreachable.js';
import { sendOwn, writeHead } from './forward.js';
import { responseHeaders, without } from './head.js';

const MAX_BYTES = 1024 * 1024;

export type WholeAnswer = { status: number; statusText: string | undefined; headers: string[]; body: Buffer };

/** What the tap cannot do, for the client. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Rejects with a Refusal. */
export async function readWhole(stream: IncomingMessage, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BYTES) throw new Refusal(502, `${what} has more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Rejects with a Refusal. */
export function exchangeWhole(
  outgoing: ClientRequest,
  body: Buffer,
  { to, timeoutMs, clientGone }: { to: URL; timeoutMs: number; clientGone: AbortSignal },
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => outgoing.destroy(new Refusal(504, `${to.href} did not answer within ${timeoutMs / 1_000} s`)),
      timeoutMs,
    );
    const end = (): void => {
      clearTimeout(late);
      clientGone.removeEventListener('abort', drop);
    };
    const drop = (): void => void outgoing.destroy(new Refusal(502, 'the client has left'));
    const fail = (error: unknown): void => {
      end();
      reject(error instanceof Refusal ? error : new Refusal(502, whyUnreachable(error, to)));
    };
    clientGone.addEventListener('abort', drop);
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      readWhole(incoming, `the answer of ${to.href}`).then((whole) => {
        end();
        const { statusCode: status = 502, statusMessage: statusText, rawHeaders } = incoming;
        resolve({ status, statusText, headers: responseHeaders(rawHeaders), body: whole });
      }, fail);
    });
    outgoing.end(body);
  });
}

export function sendWhole(
  response: ServerResponse,
  { status, statusText, headers, body }: WholeAnswer,
): void {
  if (response.destroyed) return;
  const others = without(headers, /^content-length$/i);
  const length = response.req.method === 'HEAD' ? [] : ['Content-Length', String(body.length)];
  writeHead(response, status, statusText, [...others, ...length]);
  response.end(body);
}

/** Answers for `work`, whatever comes of it. */
export async function answering(
  response: ServerResponse,
  problem: (text: string) => void,
  work: (clientGone: AbortSignal) => Promise<void>,
): Promise<void> {
  const clientGone = new AbortController();
  response.once('close', () => clientGone.abort());
  try {
    await work(clientGone.signal);
  } catch (error) {
    if (response.destroyed) return;
    const text = error instanceof Error ? error.message : String(error);
    problem(text);
    if (response.headersSent) response.destroy();
    else sendOwn(response, error instanceof Refusal ? error.status : 502, text);
  }
}
