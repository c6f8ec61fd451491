/**
 * Which parts of a manifest are trusted. A server's first manifest is accepted together with the server. From then on a
 * changed tool, and a server with a changed identity, are quarantined until a person accepts the change. A new tool is
 * accepted as it is, unless its texts hide something from people.
 */
import { isDeepStrictEqual } from 'node:util';
import { shorten } from '../../wire/value.js';
import { HOLDS_BACK } from './check/findings.js';
import {
  type ChangeDetails,
  type Entry,
  type Finding,
  identityOf,
  type ObservedManifest,
  type ObservedTool,
  type Version,
} from './entry.js';

const MAX_GONE = 1_000;
/** Characters of one tool, as JSON. */
const MAX_REMEMBERED = 8 * 1024;
const MAX_IN_HISTORY = 64 * 1024;
const MAX_VERSIONS = 100;

/** The entry with another manifest; adds to `details` what that means. */
export function withManifest(
  entry: Entry,
  manifest: ObservedManifest,
  findings: readonly Finding[],
  at: string,
  details: ChangeDetails[],
): Entry {
  const { version, digest } = manifest;
  // The digest is the same when only tools/list has changed.
  if (digest !== entry.manifest?.digest) details.push({ kind: 'manifest', version, digest });
  const heldTools = goneTools(entry, manifest.tools);
  const before = new Map((entry.manifest?.tools ?? []).map((tool) => [tool.name, tool]));
  for (const tool of manifest.tools) {
    const isSuspicious = findings.some((one) => one.tool === tool.name && HOLDS_BACK.includes(one.code));
    const detail = trustTool(entry, before.get(tool.name), tool, isSuspicious, heldTools);
    if (detail !== undefined) details.push(detail);
    before.delete(tool.name);
  }
  for (const [tool, { digest }] of before) details.push({ kind: 'tool-gone', tool, digest });
  return {
    ...withIdentity(entry, manifest, details),
    held: Object.fromEntries(heldTools),
    versions: withVersion(entry.versions, manifest, at),
  };
}

/** Puts the accepted definition of a tool into `heldTools` when the tool differs from it now. */
function trustTool(
  entry: Entry,
  before: ObservedTool | undefined,
  tool: ObservedTool,
  isSuspicious: boolean,
  heldTools: Map<string, ObservedTool | null>,
): ChangeDetails | undefined {
  const { name, digest } = tool;
  const wasHeld = Object.hasOwn(entry.held, name);
  const acceptedTool = wasHeld ? entry.held[name] : before;
  if (acceptedTool === undefined) {
    if (!isSuspicious) return { kind: 'tool-appeared', tool: name, digest };
    heldTools.set(name, null);
    return { kind: 'tool-quarantined', tool: name, before: null, after: slim(tool, MAX_IN_HISTORY) };
  }
  // What tools/list adds has been read for the first time: it is accepted with the definition that was accepted before.
  const isFirstListing =
    acceptedTool !== null &&
    acceptedTool.listed === undefined &&
    tool.listed !== undefined &&
    acceptedTool.digest === tool.manifestDigest &&
    !isSuspicious;
  if (isFirstListing && before?.digest === acceptedTool.digest) return undefined;
  if (acceptedTool?.digest === digest || isFirstListing) {
    if (before === undefined) return { kind: 'tool-appeared', tool: name, digest };
    return before.digest === digest ? undefined : { kind: 'tool-restored', tool: name, digest };
  }
  heldTools.set(name, acceptedTool);
  // It was held before, and only what tools/list adds is new.
  const isReported = before?.digest === digest || (wasHeld && before?.digest === tool.manifestDigest);
  if (isReported && before !== undefined) return undefined;
  return {
    kind: 'tool-quarantined',
    tool: name,
    before: acceptedTool && slim(acceptedTool, MAX_IN_HISTORY),
    after: slim(tool, MAX_IN_HISTORY),
  };
}

/** The accepted definitions of tools that are gone: a tool that comes back different still differs from them. */
export function goneTools(
  { held, manifest }: Entry,
  now: readonly ObservedTool[],
): Map<string, ObservedTool | null> {
  const byName = (tools: readonly ObservedTool[]) =>
    Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  const missingTools = rememberGone(held, byName(manifest?.tools ?? []), byName(now), MAX_GONE);
  for (const [name, tool] of missingTools)
    if (tool !== null && !Object.hasOwn(held, name)) missingTools.set(name, slim(tool, MAX_REMEMBERED));
  return missingTools;
}

/** The accepted items that are gone now, the most recent last. A map, because an item may have any name. */
export function rememberGone<Item>(
  heldItems: { [key: string]: Item | null },
  before: { [key: string]: Item },
  now: { [key: string]: Item },
  max: number,
): Map<string, Item | null> {
  const missingItems = Object.entries({ ...heldItems, ...before, ...heldItems }).filter(
    ([key]) => !Object.hasOwn(now, key),
  );
  return new Map(missingItems.slice(-max));
}

/** A large tool without its schemas: a server that changes at each check must not fill the memory. */
function slim(tool: ObservedTool, max: number): ObservedTool {
  if (JSON.stringify(tool).length <= max) return tool;
  const { listed: _, outputSchema: __, ...rest } = tool;
  return { ...rest, description: shorten(tool.description, 500), schema: { type: 'object' } };
}

function withIdentity(entry: Entry, manifest: ObservedManifest, details: ChangeDetails[]): Entry {
  const { heldIdentity, ...rest } = entry;
  if (entry.manifest === undefined) return { ...entry, manifest };
  const [before, after] = [identityOf(entry.manifest), identityOf(manifest)];
  const acceptedIdentity = heldIdentity ?? before;
  if (isDeepStrictEqual(acceptedIdentity, after)) {
    if (heldIdentity !== undefined) details.push({ kind: 'identity-restored' });
    return { ...rest, manifest };
  }
  if (!isDeepStrictEqual(before, after))
    details.push({ kind: 'identity-quarantined', before: acceptedIdentity, after });
  return { ...rest, manifest, heldIdentity: acceptedIdentity };
}

function withVersion(versions: readonly Version[], manifest: ObservedManifest, at: string): Version[] {
  const { version, title, name, url } = manifest;
  const before = versions.find((one) => one.version === version);
  const current: Version = {
    version,
    ...(title === undefined ? {} : { title }),
    description: title ?? name,
    url,
    publishedAt: before?.publishedAt ?? at,
    updatedAt: at,
  };
  return [current, ...versions.filter((one) => one !== before)].slice(0, MAX_VERSIONS);
}
