/**
 * What a server that checks tokens makes sure of when it starts: that the documents its challenges lead to are really
 * found where it listens. A client that is led nowhere could never get a token.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { isRecord } from '../wire/value.js';
import type { TokenGuard } from './protection.js';

/** @throws Error that says which document is missing, and what is there instead. */
export async function checkOwnMetadata(
  address: string,
  { documents, resource }: Pick<TokenGuard, 'documents' | 'resource'>,
): Promise<void> {
  const { host } = new URL(resource);
  for (const path of documents.keys()) {
    const url = new URL(path, address.replace(/^http:\/\/(0\.0\.0\.0|\[::\])/, 'http://localhost'));
    const { status, text } = await ask(url, host);
    const found = status === 200 ? parsed(text) : undefined;
    if (isRecord(found) && found.resource === resource) continue;
    throw new Error(`${url} should describe ${resource}, ${received(status, found)}`);
  }
}

/** By the name that clients use: it need not be that of the address. */
async function ask(url: URL, host: string): Promise<{ status: number; text: string }> {
  const request = get(url, { headers: { host }, agent: false, signal: AbortSignal.timeout(5_000) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return { status: response.statusCode ?? 0, text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function received(status: number, found: unknown): string {
  if (status !== 200) return `received HTTP ${status}`;
  return isRecord(found) && typeof found.resource === 'string'
    ? `received the metadata of ${found.resource}`
    : 'received something else';
}
