/**
 * What a server publishes about itself: its manifest, and the JSON Schemas of manifests and of what its refusals say to programs.
 * They are this project's own convention; no MCP document defines them. They are created once, when the server's URL is known. The manifest names every registered
 * tool, even one that is switched off: its digest covers what the server is built from, and `tools/list` shows what is on.
 */

import type { Document } from '../oauth/discovery.js';
import type { TokenGuard } from '../oauth/protection.js';
import { manifestPaths } from '../services/registry/manifest/address.js';
import { digestOf, etagOf } from '../services/registry/manifest/digest.js';
import { createManifest, type Slo } from '../services/registry/manifest/manifest.js';
import { readManifest } from '../services/registry/manifest/read.js';
import { MANIFEST_SCHEMA, MANIFEST_SCHEMA_PATH } from '../services/registry/manifest/schema.js';
import { DENIAL_SCHEMA, DENIAL_SCHEMA_PATH } from '../wire/denial.js';
import type { Tool } from '../wire/mcp/definitions.js';
import { problemText } from '../wire/schema/problem.js';

/** Who is responsible for the server, and what they promise. */
export type ManifestOptions = { owner: string; slo: Slo };

type Definition = { name: string; title?: string; version: string; tools: readonly Tool[] };

/** Crawlers ask every few seconds to minutes, and get a cheap 304 when nothing has changed. */
const CACHE = 'max-age=60';

/** Documents by path. @throws RangeError when the manifest would be invalid, for example with an empty owner */
export function manifestDocuments(
  definition: Definition,
  { owner, slo }: ManifestOptions,
  guard: TokenGuard | undefined,
  knownUrl: string,
): ReadonlyMap<string, Document> {
  const url = guard?.resource ?? knownUrl;
  const auth = guard && { issuers: guard.issuers, resourceMetadata: guard.challenges.resourceMetadata };
  const manifest = createManifest({ ...definition, url, auth, owner, slo });
  const readResult = readManifest(JSON.parse(JSON.stringify(manifest)), true);
  // The operator should see this at startup, before a registry refuses the manifest.
  if (readResult.kind === 'refused')
    throw new RangeError(
      `the manifest of ${definition.name}: ${readResult.problems.map(problemText).join('; ')}`,
    );
  const own = document(manifest, 'application/json', manifest.digest);
  return new Map([
    ...manifestPaths(new URL(url)).map((path): [string, Document] => [path, own]),
    [MANIFEST_SCHEMA_PATH, document(MANIFEST_SCHEMA, 'application/schema+json')],
    [DENIAL_SCHEMA_PATH, document(DENIAL_SCHEMA, 'application/schema+json')],
  ]);
}

function document(value: object, type: string, digest = digestOf(value)): Document {
  const headers = { 'content-type': type, etag: etagOf(digest), 'cache-control': CACHE };
  return { text: JSON.stringify(value), digest, headers };
}
