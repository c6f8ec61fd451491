/**
 * What a server says of itself to whoever asks: its manifest, and the JSON Schema of manifests beside it. Both are this
 * project's own convention; no MCP document defines them. They are made once, when the server's URL is known. The
 * manifest names every tool that was registered, also one that is switched off just now: its digest is that of what the
 * server is made of, and what is on is `tools/list`'s to say.
 */

import type { Document } from '../oauth/discovery.js';
import { manifestPaths } from '../services/registry/manifest/address.js';
import { digestOf, etagOf } from '../services/registry/manifest/digest.js';
import { createManifest, type Slo } from '../services/registry/manifest/manifest.js';
import { readManifest } from '../services/registry/manifest/read.js';
import { MANIFEST_SCHEMA, MANIFEST_SCHEMA_PATH } from '../services/registry/manifest/schema.js';
import type { Tool } from '../wire/mcp/definitions.js';
import { problemText } from '../wire/schema/problem.js';

/** What an operator answers for. */
export type ManifestOptions = { owner: string; slo: Slo };

type About = {
  name: string;
  title?: string | undefined;
  version: string;
  tools: readonly Tool[];
  url: string;
  auth?: { issuers: readonly string[]; resourceMetadata: string } | undefined;
};

/** Crawlers ask every few seconds to minutes, and are told at once what has not changed. */
const CACHE = 'max-age=60';

/** Path to document. @throws RangeError when what is said is no manifest, such as an empty owner */
export function manifestDocuments(
  about: About,
  { owner, slo }: ManifestOptions,
): ReadonlyMap<string, Document> {
  const manifest = createManifest({ ...about, owner, slo });
  const read = readManifest(JSON.parse(JSON.stringify(manifest)));
  // Told to whoever starts the server, before any registry has to.
  if (read.kind === 'refused')
    throw new RangeError(`the manifest of ${about.name}: ${read.problems.map(problemText).join('; ')}`);
  const own = document(manifest, 'application/json', manifest.digest);
  return new Map([
    ...manifestPaths(new URL(about.url)).map((path): [string, Document] => [path, own]),
    [MANIFEST_SCHEMA_PATH, document(MANIFEST_SCHEMA, 'application/schema+json')],
  ]);
}

function document(value: object, type: string, digest = digestOf(value)): Document {
  const headers = { 'content-type': type, etag: etagOf(digest), 'cache-control': CACHE };
  return { text: JSON.stringify(value), digest, headers };
}
