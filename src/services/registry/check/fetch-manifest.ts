/**
 * Fetches a server's manifest. The server may be a stranger's, so size, depth and time are bounded, at most three redirects
 * within the address's own origin are followed, and the manifest counts only for the endpoint of that address. If there is
 * nothing at the endpoint's own path, the bare well-known path is tried.
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

const MAX_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
const MAX_DEPTH = 64;

export type FetchResult =
  | { kind: 'unchanged'; findings: readonly Finding[] }
  | { kind: 'manifest'; manifest: Manifest; findings: readonly Finding[] }
  | { kind: 'none'; findings: readonly Finding[] };

/** Never rejects: a failure becomes a finding. */
export async function fetchManifest(
  ask: HttpFetch,
  address: string,
  storedManifest: Pick<Manifest, 'url' | 'digest'> | undefined,
  signal: AbortSignal,
): Promise<FetchResult> {
  const addressUrl = new URL(address);
  // An earlier version may have stored another server's manifest, so an unchanged one would prove nothing.
  const isOwn = storedManifest !== undefined && ownershipProblem(storedManifest, addressUrl) === undefined;
  const headers = {
    accept: 'application/json',
    ...(isOwn ? { 'if-none-match': etagOf(storedManifest.digest) } : {}),
  };
  const get = (url: URL) => ask(url, { headers, signal, maxBytes: MAX_BYTES });
  let response: Located;
  try {
    response = await getOwnOrBare(get, addressUrl);
  } catch (error) {
    return none(failure(error, signal));
  }
  const { url, result } = response;
  const isExpected = url.href === address || url.href === originManifestAddress(addressUrl);
  const findings = isExpected ? [] : [finding('asked-elsewhere', `${address} led to ${url.href}`)];
  if (result.status === 304 && isOwn) return { kind: 'unchanged', findings };
  if (result.status !== 200)
    return none(finding('manifest-unreachable', `${url.href} answered with status ${result.status}`));
  const json = readJson(result.body, { depth: MAX_DEPTH, members: MAX_MEMBERS });
  if (json.kind === 'refused') {
    const { message } = json.fault;
    if (json.tooMany === true) return none(finding('manifest-too-large', message));
    return none(finding('manifest-not-json', `${message}${typeOf(result)}`));
  }
  const readResult = readManifest(json.value);
  if (readResult.kind === 'refused')
    return { kind: 'none', findings: invalid(readResult.problems, toolNames(json.value)) };
  const problem = ownershipProblem(readResult.manifest, addressUrl, url);
  return problem === undefined
    ? { kind: 'manifest', manifest: readResult.manifest, findings }
    : none(problem);
}

/** Why a manifest does not describe the server at `address`; `source` is where the manifest was found. */
function ownershipProblem(
  { url }: Pick<Manifest, 'url'>,
  address: URL,
  source = address,
): Finding | undefined {
  if (new URL(url).origin !== source.origin)
    return finding('url-elsewhere', `a manifest of ${source.origin} names ${url}, which is another origin`);
  const endpoint = endpointAt(address);
  if (endpoint === undefined || canonicalResource(url) === canonicalResource(endpoint)) return undefined;
  const message = `expected the manifest of ${endpoint}, received that of ${url} from ${source.href}`;
  return finding('url-differs', message);
}

type Get = (url: URL) => Promise<HttpResult>;
type Located = { url: URL; result: HttpResult };

async function getOwnOrBare(get: Get, address: URL): Promise<Located> {
  const own = await followRedirects(get, address);
  if (own.result.status !== 404 || endpointAt(address) === undefined) return own;
  const bare = await followRedirects(get, new URL(originManifestAddress(address)));
  return bare.result.status === 404 ? own : bare;
}

async function followRedirects(get: Get, address: URL): Promise<Located> {
  let url = address;
  for (let count = 0; ; count += 1) {
    const result = await get(url);
    const { location } = result.headers;
    if (![301, 302, 303, 307, 308].includes(result.status) || location === undefined) return { url, result };
    if (count === MAX_REDIRECTS)
      throw new Error(`${address.href} leads on and on: more than ${MAX_REDIRECTS} redirects`);
    if (!URL.canParse(location, url.href))
      throw new Error(`${url.href} leads to ${preview(location)}, which is no URL`);
    url = new URL(location, url);
    // A stranger who redirects to a server's manifest must not pass for that server.
    if (url.origin !== address.origin)
      throw new OtherOrigin(`${address.href} leads to ${url.href}, which is another origin`);
  }
}

class OtherOrigin extends Error {}

function failure(error: unknown, signal: AbortSignal): Finding {
  if (error instanceof AddressNotAllowed) return finding('manifest-out-of-reach', error.message);
  if (error instanceof TooLarge) return finding('manifest-too-large', error.message);
  if (error instanceof OtherOrigin) return finding('url-elsewhere', error.message);
  return finding('manifest-unreachable', reasonOf(error, signal));
}

/** The same text as long as the reason is the same, because a change of findings goes into the history. */
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
  const tools: unknown[] = isRecord(value) && Array.isArray(value.tools) ? value.tools : [];
  return tools.map((tool) => (isRecord(tool) && typeof tool.name === 'string' ? tool.name : undefined));
}
