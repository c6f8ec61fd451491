/**
 * Asks an authorization server for one JSON document: within a deadline, within a size, and following no redirect, for
 * those lead where nobody checked. What the document must say is its reader's affair.
 */
import { isRecord, type JsonObject } from '../wire/value.js';
import { KeysUnreachable } from './token-refused.js';

const MAX_BYTES = 1_048_576;

export type FetchedJson = { document: JsonObject } | { instead: string };
export type Question = { method: 'POST'; headers: { [name: string]: string }; body: string };

/**
 * Tells a server that answers something else (`instead`) from one that does not answer or is in trouble.
 *
 * @throws KeysUnreachable
 */
export type FetchJson = (url: URL, question?: Question) => Promise<FetchedJson>;

export function createFetchJson(send: typeof fetch, deadlineMs: number): FetchJson {
  return async (url, question) => {
    try {
      const headers = { accept: 'application/json', ...question?.headers };
      const signal = AbortSignal.timeout(deadlineMs);
      const response = await send(url, { ...question, headers, redirect: 'manual', signal });
      if (response.status === 200) return readDocument(url, await readText(response, MAX_BYTES));
      await response.body?.cancel();
      if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
      return { instead: `${url} answered with status ${response.status}` };
    } catch (cause) {
      throw new KeysUnreachable(`${url} could not be asked within ${deadlineMs} ms`, { cause });
    }
  };
}

function readDocument(url: URL, text: string | undefined): FetchedJson {
  if (text === undefined) return { instead: `${url} answered with more than ${MAX_BYTES} bytes` };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { instead: `${url} answered with no JSON` };
  }
  return isRecord(document) ? { document } : { instead: `${url} answered with no JSON object` };
}

/** The body of a response; undefined when it is longer than `maxBytes`, without reading on. */
export async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
