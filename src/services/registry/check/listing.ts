/**
 * What a server lists, put beside its manifest: what tools/list says of a tool beyond the manifest or otherwise becomes part
 * of the tool as it is accepted, and instructions, prompts and resources become items with a digest each. Whatever reaches
 * a model is in here, so that none of it changes without anybody's consent.
 */

import { isRecord, type JsonObject, preview, shorten } from '../../../wire/value.js';
import type { Finding, Guidance, GuidanceItem, ObservedManifest, ObservedTool } from '../entry.js';
import { digestOf, toolDigest } from '../manifest/digest.js';
import type { Manifest, ManifestTool } from '../manifest/manifest.js';
import { finding } from './findings.js';
import { isSameJson } from './same.js';
import type { McpListing } from './speak.js';

/** Of what is listed beyond the manifest, so much is kept in full; of more its beginning and a digest. */
const MAX_LISTED = 32 * 1024;
const MAX_TEXT = 4_096;
const MAX_KEY = 200;
const MAX_DUPLICATES = 50;

/** All that tools/list offers by one name, in its order. */
export function byName(tools: readonly JsonObject[]): Map<string, JsonObject[]> {
  return grouped(tools, 'name');
}

/** The manifest with what is listed; where a tool is not listed just now, what was last seen of it holds. */
export function withListed(
  manifest: Manifest,
  known: ObservedManifest | undefined,
  tools: readonly JsonObject[] | undefined,
): ObservedManifest {
  const copies = byName(tools ?? []);
  const before = new Map((known?.tools ?? []).map((tool) => [tool.name, tool]));
  const seen = manifest.tools.map((tool): ObservedTool => {
    const { listed: _, manifestDigest, ...own } = tool as ObservedTool;
    const plain: ManifestTool = { ...own, digest: manifestDigest ?? tool.digest };
    const there = copies.get(tool.name);
    const listed = there === undefined ? before.get(tool.name)?.listed : listedBeside(plain, there);
    return listed === undefined ? plain : asSeen(plain, listed);
  });
  return { ...manifest, tools: seen };
}

function asSeen(tool: ManifestTool, listed: JsonObject): ObservedTool {
  const digest = Object.keys(listed).length === 0 ? tool.digest : toolDigest({ ...tool, listed });
  return { ...tool, listed, digest, manifestDigest: tool.digest };
}

/** Further copies under one name are reported as well, where they differ. */
function listedBeside(tool: ManifestTool, [first = {}, ...others]: readonly JsonObject[]): JsonObject {
  const listed = beyond(tool, first);
  const again = others.filter((one) => !isSameJson(one, first)).map((one) => beyond(tool, one));
  const all = again.length === 0 ? listed : { ...listed, again };
  const json = JSON.stringify(all);
  return json.length <= MAX_LISTED ? all : { beginning: shorten(json, MAX_TEXT), digest: digestOf(all) };
}

function beyond(tool: ManifestTool, { name: _, ...listed }: JsonObject): JsonObject {
  const told: JsonObject = {
    title: tool.title,
    description: tool.description,
    inputSchema: tool.schema,
    outputSchema: tool.outputSchema,
  };
  const more = Object.entries(listed).filter(([key, value]) => !isSameJson(value, told[key]));
  return Object.fromEntries(
    more.map(([key, value]) => [key, key === '_meta' ? withoutGranted(value) : value]),
  );
}

/** Whether the registry's own token may call it depends on the token, and is no part of the tool. */
function withoutGranted(meta: unknown): unknown {
  if (!isRecord(meta) || !isRecord(meta['barewire/access'])) return meta;
  const { granted: _, ...access } = meta['barewire/access'];
  return { ...meta, 'barewire/access': access };
}

export function guidanceOf(spoken: McpListing): Guidance {
  const items = new Map<string, GuidanceItem>();
  for (const [key, value] of guidanceIn(spoken)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const before = items.get(key);
    // Of two by one name both count.
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

/** Each with its key, as it is examined and kept. What a resource weighs and when it changed is no part of its definition. */
export function* guidanceIn(spoken: McpListing): Generator<[key: string, value: unknown]> {
  const { instructions, prompts, resources, templates } = spoken;
  if (instructions !== undefined) yield ['instructions', instructions];
  for (const one of prompts) yield [keyOf('prompt', one.name), one];
  for (const one of resources) yield [keyOf('resource', one.uri), steady(one)];
  for (const one of templates) yield [keyOf('template', one.uriTemplate), steady(one)];
}

function keyOf(kind: string, name: unknown): string {
  return `${kind} ${shorten(typeof name === 'string' ? name : preview(name), MAX_KEY)}`;
}

function steady({ size: _, ...resource }: JsonObject): JsonObject {
  if (!isRecord(resource.annotations)) return resource;
  const { lastModified: __, ...annotations } = resource.annotations;
  return { ...resource, annotations };
}

/** What a list names more than once. */
export function duplicates({ tools, prompts, resources, templates }: McpListing): Finding[] {
  const lists: [method: string, items: readonly JsonObject[], member: string][] = [
    ['tools/list', tools, 'name'],
    ['prompts/list', prompts, 'name'],
    ['resources/list', resources, 'uri'],
    ['resources/templates/list', templates, 'uriTemplate'],
  ];
  return lists.flatMap(([method, items, member]) =>
    [...grouped(items, member)]
      .filter(([, copies]) => copies.length > 1)
      .slice(0, MAX_DUPLICATES)
      .map(([name, copies]) => {
        const differ = copies.some((one) => !isSameJson(one, copies[0]));
        const message = `${method} names ${preview(name)} ${copies.length} times${differ ? ', and not alike' : ''}`;
        return finding('listed-twice', message, method === 'tools/list' ? name : undefined);
      }),
  );
}

function grouped(items: readonly JsonObject[], member: string): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const item of items) {
    const key = String(item[member]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
