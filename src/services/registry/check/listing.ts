/**
 * Joins what a server lists to its manifest. What tools/list adds to a tool, or states differently, becomes part of the tool
 * that people accept; instructions, prompts and resources become items with a digest each. So nothing that reaches a model
 * changes without somebody's consent.
 */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonObject, preview, shorten } from '../../../wire/value.js';
import type { Finding, Guidance, GuidanceItem, ObservedManifest, ObservedTool } from '../entry.js';
import { digestOf, documentDigest } from '../manifest/digest.js';
import type { Manifest, ManifestTool } from '../manifest/manifest.js';
import { finding } from './findings.js';
import type { McpListing } from './mcp-client.js';

/** An addition that is longer is stored as its beginning and a digest. */
const MAX_LISTED = 32 * 1024;
const MAX_TEXT = 4_096;
const MAX_KEY = 200;
const MAX_DUPLICATES = 50;

/** The manifest with what is listed. A tool that is not listed now keeps what was last listed of it. */
export function withListed(
  manifest: Manifest,
  storedManifest: ObservedManifest | undefined,
  tools: readonly JsonObject[] = [],
): ObservedManifest {
  const copies = groupBy(tools, 'name');
  const storedTools = new Map((storedManifest?.tools ?? []).map((tool) => [tool.name, tool]));
  return { ...manifest, tools: manifest.tools.map(withAdditions) };

  function withAdditions(observedTool: ObservedTool): ObservedTool {
    const { listed: _, manifestDigest, ...own } = observedTool;
    const tool: ManifestTool = { ...own, digest: manifestDigest ?? own.digest };
    const toolCopies = copies.get(tool.name);
    const listed =
      toolCopies === undefined ? storedTools.get(tool.name)?.listed : additions(tool, toolCopies);
    if (listed === undefined) return tool;
    const isSame = Object.keys(listed).length === 0;
    const digest = isSame ? tool.digest : documentDigest({ ...tool, listed });
    return { ...tool, listed, digest, manifestDigest: tool.digest };
  }
}

/** What tools/list adds; further copies of one name are included where they differ. */
function additions(tool: ManifestTool, [first = {}, ...others]: readonly JsonObject[]): JsonObject {
  const firstAdditions = beyondManifest(tool, first);
  const again = others
    .filter((copy) => !isDeepStrictEqual(copy, first))
    .map((copy) => beyondManifest(tool, copy));
  const all = again.length === 0 ? firstAdditions : { ...firstAdditions, again };
  const json = JSON.stringify(all);
  return json.length <= MAX_LISTED ? all : { beginning: shorten(json, MAX_TEXT), digest: digestOf(all) };
}

function beyondManifest(tool: ManifestTool, { name: _, ...listed }: JsonObject): JsonObject {
  const manifestMembers: JsonObject = {
    title: tool.title,
    description: tool.description,
    inputSchema: tool.schema,
    outputSchema: tool.outputSchema,
  };
  const more = Object.entries(listed).filter(
    ([key, value]) => !isDeepStrictEqual(value, manifestMembers[key]),
  );
  return Object.fromEntries(
    more.map(([key, value]) => [key, key === '_meta' ? withoutGranted(value) : value]),
  );
}

/** Whether the registry's own token may call the tool is no part of the tool. */
function withoutGranted(meta: unknown): unknown {
  if (!isRecord(meta) || !isRecord(meta['barewire/access'])) return meta;
  const { granted: _, ...access } = meta['barewire/access'];
  return { ...meta, 'barewire/access': access };
}

export function guidanceOf(listing: McpListing): Guidance {
  const items = new Map<string, GuidanceItem>();
  for (const [key, value] of guidanceIn(listing)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const before = items.get(key);
    // Two items of one name both count.
    const digest = digestOf(before === undefined ? value : [before.digest, value]);
    items.set(key, {
      digest,
      text: shorten(before === undefined ? text : `${before.text}\n${text}`, MAX_TEXT),
    });
  }
  const all = Object.fromEntries(items);
  const digests = Object.fromEntries([...items].map(([key, { digest }]) => [key, digest]));
  return { digest: digestOf(digests), items: all };
}

/** Each item with its key, as it is scanned and stored. A resource's size and time of change are no part of its definition. */
export function* guidanceIn(listing: McpListing): Generator<[key: string, value: unknown]> {
  const { instructions, prompts, resources, templates } = listing;
  if (instructions !== undefined) yield ['instructions', instructions];
  for (const one of prompts) yield [keyOf('prompt', one.name), one];
  for (const one of resources) yield [keyOf('resource', one.uri), definitionOf(one)];
  for (const one of templates) yield [keyOf('template', one.uriTemplate), definitionOf(one)];
}

function keyOf(kind: string, name: unknown): string {
  return `${kind} ${shorten(typeof name === 'string' ? name : preview(name), MAX_KEY)}`;
}

function definitionOf({ size: _, ...resource }: JsonObject): JsonObject {
  if (!isRecord(resource.annotations)) return resource;
  const { lastModified: __, ...annotations } = resource.annotations;
  return { ...resource, annotations };
}

/** Names that a list contains more than once. */
export function duplicates({ tools, prompts, resources, templates }: McpListing): Finding[] {
  const lists: [method: string, items: readonly JsonObject[], member: string][] = [
    ['tools/list', tools, 'name'],
    ['prompts/list', prompts, 'name'],
    ['resources/list', resources, 'uri'],
    ['resources/templates/list', templates, 'uriTemplate'],
  ];
  return lists.flatMap(([method, items, member]) =>
    [...groupBy(items, member)]
      .filter(([, copies]) => copies.length > 1)
      .slice(0, MAX_DUPLICATES)
      .map(([name, copies]) => {
        const differ = copies.some((one) => !isDeepStrictEqual(one, copies[0]));
        const message = `${method} names ${preview(name)} ${copies.length} times${differ ? ', and not alike' : ''}`;
        return finding('listed-twice', message, method === 'tools/list' ? name : undefined);
      }),
  );
}

/** The items by the text of one member, in their order. */
export function groupBy(items: readonly JsonObject[], member: string): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const item of items) {
    const key = String(item[member]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
