/**
 * Compares a server's protected resource metadata with its manifest: a client that trusted a different document would ask
 * another issuer for a token, or for a token of another audience.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 */
import { canonicalResource } from '../../../oauth/audience.js';
import { readJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import type { HttpFetch } from '../../outbound/guarded-fetch.js';
import type { Finding } from '../entry.js';
import type { Manifest } from '../manifest/manifest.js';
import { reasonOf } from './fetch-manifest.js';
import { finding } from './findings.js';

const MAX_BYTES = 64 * 1024;

export async function checkMetadata(
  ask: HttpFetch,
  { url, auth }: Manifest,
  signal: AbortSignal,
): Promise<Finding[]> {
  const wrong = (message: string) => finding('metadata-wrong', message);
  if (auth === undefined)
    return [
      finding('open-server', 'the manifest names no issuer: everybody who reaches the server may call it'),
    ];
  const { resourceMetadata: address, issuers } = auth;
  if (new URL(address).origin !== new URL(url).origin)
    return [wrong(`the metadata are at ${address}, which is another origin than ${url}`)];
  let document: unknown;
  try {
    const headers = { accept: 'application/json' };
    const { status, body } = await ask(new URL(address), { headers, signal, maxBytes: MAX_BYTES });
    if (status !== 200) return [wrong(`${address} answered with status ${status}`)];
    const json = readJson(body, { depth: 16, members: 1_000 });
    document = json.kind === 'json' ? json.value : undefined;
  } catch (error) {
    return [wrong(`${address} cannot be read: ${reasonOf(error, signal)}`)];
  }
  if (!isRecord(document)) return [wrong(`${address} is no JSON object`)];
  const { resource, authorization_servers: servers } = document;
  const canonical = typeof resource === 'string' ? canonicalResource(resource) : undefined;
  const findings: Finding[] = [];
  if (canonical === undefined || canonical !== canonicalResource(url))
    findings.push(wrong(`expected the resource ${url}, received ${preview(resource)}`));
  const listedIssuers: unknown[] = Array.isArray(servers) ? servers : [];
  const missing = issuers.filter((issuer) => !listedIssuers.includes(issuer)).join(', ');
  if (missing !== '')
    findings.push(wrong(`expected authorization_servers with ${missing}, received ${preview(servers)}`));
  return findings;
}
