/**
 * Fetches the manifest of a server, as one would open a letter from a stranger: within bounds of size, depth and time, along
 * at most three redirects within the address's own origin, and trusted only for the endpoint of that address. If nothing is at
 * the endpoint's own path, the bare well-known path is tried.
 */

import { canonicalResource } from '../../../oauth/audience.js';
import { MAX_MEMBERS, readJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import { type HttpFetch, type HttpResult, TooLarge } from '../../outbound/guarded-fetch.js';
import { AddressNotAllowed } from '../../outbound/reach.js';
import type { Finding } from '../entry.js';
import { endpointAt, originManifestAddress } from '../manifest/address.js';
import { etagOf } from '../manifest/digest.js';
import type { Manifest } from '../manifest/manifest.js';
import { readManifest } from '../manifest/read.js';
import { finding, invalid } from './findings.js';

export const MAX_MANIFEST_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
const MAX_DEPTH = 64;

export type FetchResult =
  | { kind: 'unchanged'; findings: readonly Finding[] }
  | { kind: 'manifest'; manifest: Manifest; findings: readonly Finding[] }
  | { kind: 'none'; findings: readonly Finding[] };

/** `before` is the manifest that is known already. Rejects nothing: what went wrong is a finding. */
export async function fetchManifest(
  ask: HttpFetch,
  address: string,
  before: Pick<Manifest, 'url' | 'digest'> | undefined,
  signal: AbortSignal,
): Promise<FetchResult> {
  // An earlier version may have kept another server's: that it has not changed says nothing of this one.
  const known = before && disbelief(before, new URL(address)) === undefined ? before.digest : undefined;
  let at: { url: URL; asked: HttpResult };
  try {
    at = await askFor(ask, new URL(address), known, signal);
  } catch (error) {
    return none(failure(error, signal));
  }
  const { url, asked } = at;
  const moved = isExpected(url, address) ? [] : [finding('asked-elsewhere', `${address} led to ${url.href}`)];
  if (asked.status === 304 && known !== undefined) return { kind: 'unchanged', findings: moved };
  if (asked.status !== 200)
    return none(finding('manifest-unreachable', `${url.href} answered with status ${asked.status}`));
  const read = readJson(asked.body, { depth: MAX_DEPTH, members: MAX_MEMBERS });
  if (read.kind === 'refused' && read.tooMany === true)
    return none(finding('manifest-too-large', read.fault.message));
  if (read.kind === 'refused')
    return none(finding('manifest-not-json', `${read.fault.message}${typeOf(asked)}`));
  const result = readManifest(read.value);
  if (result.kind === 'refused')
    return { kind: 'none', findings: invalid(result.problems, toolNames(read.value)) };
  const { manifest } = result;
  const problem = disbelief(manifest, new URL(address), url);
  return problem === undefined ? { kind: 'manifest', manifest, findings: moved } : none(problem);
}

/** Why a manifest does not speak for the server whose manifest is asked for at `address`; `at` is where it stood. */
function disbelief({ url }: Pick<Manifest, 'url'>, address: URL, at = address): Finding | undefined {
  if (new URL(url).origin !== at.origin)
    return finding('url-elsewhere', `a manifest of ${at.origin} tells of ${url}, which is another origin`);
  const endpoint = endpointAt(address);
  if (endpoint === undefined || canonicalResource(url) === canonicalResource(endpoint)) return undefined;
  return finding(
    'url-differs',
    `expected the manifest of ${endpoint}, received that of ${url} from ${at.href}`,
  );
}

function isExpected({ href }: URL, address: string): boolean {
  return href === address || href === originManifestAddress(new URL(address));
}

/** Reads the address; if it is an endpoint's own and nothing is there, the bare well-known path. */
async function askFor(ask: HttpFetch, first: URL, known: string | undefined, signal: AbortSignal) {
  const own = await follow(ask, first, known, signal);
  if (own.asked.status !== 404 || endpointAt(first) === undefined) return own;
  const bare = await follow(ask, new URL(originManifestAddress(first)), known, signal);
  return bare.asked.status === 404 ? own : bare;
}

async function follow(ask: HttpFetch, first: URL, known: string | undefined, signal: AbortSignal) {
  let url = first;
  for (let turn = 0; ; turn += 1) {
    const headers = {
      accept: 'application/json',
      ...(known === undefined ? {} : { 'if-none-match': etagOf(known) }),
    };
    const asked = await ask(url, { headers, signal, maxBytes: MAX_MANIFEST_BYTES });
    const { location } = asked.headers;
    if (![301, 302, 303, 307, 308].includes(asked.status) || location === undefined) return { url, asked };
    if (turn === MAX_REDIRECTS)
      throw new Error(`${first.href} leads on and on: more than ${MAX_REDIRECTS} redirects`);
    if (!URL.canParse(location, url.href))
      throw new Error(`${url.href} leads to ${preview(location)}, which is no URL`);
    url = new URL(location, url);
    // Redirects to another origin do not count: a stranger who redirects to a server's manifest must not pass for that server.
    if (url.origin !== first.origin)
      throw new LedAway(`${first.href} leads to ${url.href}, which is another origin`);
  }
}

class LedAway extends Error {}

/** Why nothing came, in words that stay the same as long as the reason does. */
function failure(error: unknown, signal: AbortSignal): Finding {
  if (error instanceof AddressNotAllowed) return finding('manifest-out-of-reach', error.message);
  if (error instanceof TooLarge) return finding('manifest-too-large', error.message);
  if (error instanceof LedAway) return finding('url-elsewhere', error.message);
  return finding('manifest-unreachable', reasonOf(error, signal));
}

export function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'there was no whole answer in time';
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error.message || code || error.name);
}

const REASONS: { [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  ENOTFOUND: 'no such host (ENOTFOUND)',
  EHOSTUNREACH: 'the host cannot be reached (EHOSTUNREACH)',
};

function none(one: Finding): FetchResult {
  return { kind: 'none', findings: [one] };
}

function typeOf({ headers }: HttpResult): string {
  const type = headers['content-type'];
  return type === undefined || type.includes('json') ? '' : ` (Content-Type ${preview(type)})`;
}

function toolNames(value: unknown): (string | undefined)[] {
  const tools = isRecord(value) && Array.isArray(value.tools) ? value.tools : [];
  return tools.map((tool: unknown) =>
    isRecord(tool) && typeof tool.name === 'string' ? tool.name : undefined,
  );
}
