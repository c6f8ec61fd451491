/**
 * The protected resource metadata of a server, next to its manifest: a client that believed another document would ask
 * another issuer for a token of another audience.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 */

import { canonicalResource } from '../../../oauth/audience.js';
import { readJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import type { HttpFetch } from '../../outbound/guarded-fetch.js';
import type { Finding } from '../entry.js';
import type { Manifest } from '../manifest/manifest.js';
import { finding } from './findings.js';
import { reasonOf } from './manifest.js';

const MAX_BYTES = 64 * 1024;

export async function checkMetadata(
  ask: HttpFetch,
  { url, auth }: Manifest,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (auth === undefined)
    return [finding('open-server', 'the manifest names no issuer: whoever reaches the server may call it')];
  const { resourceMetadata: address, issuers } = auth;
  if (new URL(address).origin !== new URL(url).origin)
    return [finding('metadata-wrong', `the metadata are at ${address}, which is another origin than ${url}`)];
  let document: unknown;
  try {
    const { status, body } = await ask(new URL(address), {
      headers: { accept: 'application/json' },
      signal,
      maxBytes: MAX_BYTES,
    });
    if (status !== 200) return [finding('metadata-wrong', `${address} answered with status ${status}`)];
    const read = readJson(body, { depth: 16, members: 1_000 });
    document = read.kind === 'json' ? read.value : undefined;
  } catch (error) {
    return [finding('metadata-wrong', `${address} cannot be read: ${reasonOf(error, signal)}`)];
  }
  if (!isRecord(document)) return [finding('metadata-wrong', `${address} is no JSON object`)];
  const { resource, authorization_servers: servers } = document;
  const named = typeof resource === 'string' ? canonicalResource(resource) : undefined;
  const found: Finding[] = [];
  if (named === undefined || named !== canonicalResource(url))
    found.push(finding('metadata-wrong', `expected the resource ${url}, received ${preview(resource)}`));
  const listed: unknown[] = Array.isArray(servers) ? servers : [];
  const lacking = issuers.filter((issuer) => !listed.includes(issuer));
  if (lacking.length > 0)
    found.push(
      finding(
        'metadata-wrong',
        `expected authorization_servers with ${lacking.join(', ')}, received ${preview(servers)}`,
      ),
    );
  return found;
}
