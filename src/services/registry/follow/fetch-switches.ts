/** Asks a registry which tools of this server are off. The answer is bounded in size and validated. */
import { readText } from '../../../oauth/fetch-json.js';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import type { ServerSwitches } from './stored-switches.js';

export type SwitchesAnswer =
  | { kind: 'switches'; switches: ServerSwitches; etag: string | undefined }
  /** The answer with that `etag` is still current. */
  | { kind: 'unchanged' }
  /** The registry has no server with that URL. */
  | { kind: 'unknown' };

const TIMEOUT_MS = 2_500;
const MAX_BYTES = 256 * 1024;

/** Rejects for any other answer. */
export async function fetchSwitches(address: URL, etag: string | undefined): Promise<SwitchesAnswer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
  const response = await fetch(address, { headers, redirect: 'error', signal });
  const text = await readText(response, MAX_BYTES);
  if (text === undefined) throw new Error(`${address} answered with more than ${MAX_BYTES} bytes`);
  if (response.status === 404) return { kind: 'unknown' };
  if (response.status === 304 && etag !== undefined) return { kind: 'unchanged' };
  if (response.status !== 200) throw new Error(`${address} answered with status ${response.status}`);
  const value: unknown = parseJson(text);
  if (!isRecord(value) || typeof value.enabled !== 'boolean' || !isRecord(value.tools))
    throw new Error(`expected {"enabled", "tools"}, received ${preview(value)}`);
  const switches = { enabled: value.enabled, off: Object.keys(value.tools) };
  return { kind: 'switches', switches, etag: response.headers.get('etag') ?? undefined };
}
