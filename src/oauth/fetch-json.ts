/**
 * Fetches one JSON document from an authorization server: with a deadline and a size limit, and without following
 * redirects, whose targets were never checked.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { refuseUpgrade } from '../client/refuse-upgrade.js';
import { http } from '../wire/http/node-http.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import { IssuerUnreachable } from './token-errors.js';

const MAX_BYTES = 1_048_576;

export type FetchedJson = { document: JsonObject } | { problem: string };
export type PostRequest = { method: 'POST'; headers: { [name: string]: string }; body: string };

/** Rejects with IssuerUnreachable when the server does not answer or is in trouble. Another answer is a `problem`. */
export type FetchJson = (url: URL, post?: PostRequest) => Promise<FetchedJson>;

/** What is used of an answer: that of fetch has it too. */
type Answer = { status: number; body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null };
type Send = (url: URL, init: RequestInit & { headers: PostRequest['headers'] }) => Promise<Answer>;

/** Without `send`, documents come by node:http, and fetch only posts: loading it took 9 % of the time to a server's first answer. */
export function createFetchJson(send: Send = sendEither, deadlineMs: number): FetchJson {
  return async (url, post) => {
    try {
      const headers = { accept: 'application/json', ...post?.headers };
      const signal = AbortSignal.timeout(deadlineMs);
      const response = await send(url, { ...post, headers, redirect: 'manual', signal });
      if (response.status === 200) return readDocument(url, await readText(response, MAX_BYTES));
      await response.body?.cancel();
      if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
      return { problem: `${url} answered with status ${response.status}` };
    } catch (cause) {
      throw new IssuerUnreachable(`${url} could not be asked within ${deadlineMs} ms`, { cause });
    }
  };
}

const sendEither: Send = async (url, init) => {
  if (init.method === 'POST') return fetch(url, init);
  const { headers, signal } = init;
  const options = { headers, agent: false, ...(signal ? { signal } : {}) };
  const request = url.protocol === 'https:' ? getSecurely(url, options) : http.get(url, options);
  const [response] = (await once(refuseUpgrade(request), 'response')) as [IncomingMessage];
  // Later errors reach the reader of the body.
  request.on('error', () => undefined);
  const cancel = async (): Promise<void> => void response.destroy();
  return { status: response.statusCode ?? 0, body: Object.assign(response, { cancel }) };
};

function readDocument(url: URL, text: string | undefined): FetchedJson {
  if (text === undefined) return { problem: `${url} answered with more than ${MAX_BYTES} bytes` };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { problem: `${url} answered with no JSON` };
  }
  return isRecord(document) ? { document } : { problem: `${url} answered with no JSON object` };
}

/** The body of a response; undefined when it is longer than `maxBytes`, without reading on. */
export async function readText(
  { body }: Pick<Answer, 'body'>,
  maxBytes: number,
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
