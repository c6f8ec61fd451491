/** Asks a registry which tools of this server are off. The answer is bounded in size and checked strictly. */

import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from '../../../wire/value.js';
import type { ServerSwitches } from './stored-switches.js';

export type SwitchesAnswer =
  | { kind: 'switches'; switches: ServerSwitches; etag: string | undefined }
  /** Unchanged since the answer with that `etag`. */
  | { kind: 'unchanged' }
  /** The registry has no server with that URL. */
  | { kind: 'unknown' };

const DEADLINE_MS = 2_500;
const MAX_BYTES = 256 * 1024;

/** Rejects when the answer is anything else. */
export async function fetchSwitches(address: URL, etag: string | undefined): Promise<SwitchesAnswer> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
  const response = await fetch(address, { headers, redirect: 'error', signal });
  const text = await textOf(response, address);
  if (response.status === 404) return { kind: 'unknown' };
  if (response.status === 304 && etag !== undefined) return { kind: 'unchanged' };
  if (response.status !== 200) throw new Error(`${address} answered with status ${response.status}`);
  return {
    kind: 'switches',
    switches: readFollowed(parseJson(text)),
    etag: response.headers.get('etag') ?? undefined,
  };
}

/** Stops reading at the bound, however much the registry sends. */
async function textOf(response: Response, address: URL): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MAX_BYTES) throw new Error(`${address} answered with more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function readFollowed(value: unknown): ServerSwitches {
  const { enabled, tools } = isRecord(value) ? value : ({} as JsonObject);
  if (typeof enabled === 'boolean' && isRecord(tools)) return { enabled, off: Object.keys(tools) };
  throw new Error(`expected {"enabled", "tools"}, received ${preview(value)}`);
}
