/** A valid manifest, and ways to make it invalid. */

import { documentDigest } from '../../src/services/registry/manifest/digest.js';
import {
  createManifest,
  type ManifestOptions,
  type ToolDefinition,
} from '../../src/services/registry/manifest/manifest.js';
import { readManifest } from '../../src/services/registry/manifest/read.js';
import type { Problem } from '../../src/wire/schema/problem.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';

export const search: ToolDefinition = {
  name: 'confluence.search',
  title: 'Search Confluence',
  description: 'Finds pages by their words.',
  scope: 'confluence:read',
  destructive: false,
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  outputSchema: { type: 'object', properties: { pages: { type: 'array' } } },
};
export const archive: ToolDefinition = {
  name: 'confluence.archive',
  description: 'Archives a page.',
  scope: 'confluence:write',
  destructive: true,
  inputSchema: { type: 'object' },
};
export const given: ManifestOptions = {
  name: 'wiki-mcp',
  title: 'The wiki',
  version: '1.2.3',
  url: 'https://wiki.example.com/mcp',
  auth: {
    issuers: ['https://login.example.com'],
    resourceMetadata: 'https://wiki.example.com/.well-known/oauth-protected-resource/mcp',
  },
  owner: 'Knowledge team, #knowledge',
  slo: { availabilityPercent: 99.9, p99Ms: 500 },
  tools: [search, archive],
};

/** As a reader gets it: parsed from the text that was sent, and free to be changed. */
export function sent(manifest: unknown = createManifest(given)): JsonObject {
  const value: unknown = JSON.parse(JSON.stringify(manifest));
  if (!isRecord(value)) throw new TypeError('a manifest is an object');
  return value;
}

/** The document with the member at the pointer set, or taken away where the value is undefined. */
export function altered(pointer: string, value: unknown): JsonObject {
  const document = sent();
  const steps = pointer.slice(1).split('/');
  const last = steps.pop() ?? '';
  let place: unknown = document;
  for (const step of steps) place = Object.entries(Object(place)).find(([key]) => key === step)?.[1];
  if (typeof place !== 'object' || place === null) throw new TypeError(`there is nothing at ${pointer}`);
  Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  return sent(document);
}

/** With the digests that its author would have given it, had he written it so. */
export function resealed(document: JsonObject): JsonObject {
  const tools: unknown = document.tools;
  const listed = Array.isArray(tools)
    ? { tools: tools.map((tool) => (isRecord(tool) ? { ...tool, digest: documentDigest(tool) } : tool)) }
    : {};
  const whole = { ...document, ...listed };
  return { ...whole, digest: documentDigest(whole) };
}

/** Its problem; undefined if it is accepted. */
export function problemsOf(value: unknown): readonly Problem[] {
  const read = readManifest(value);
  return read.kind === 'manifest' ? [] : read.problems;
}

export const pointersOf = (value: unknown): string[] => problemsOf(value).map(({ pointer }) => pointer);
