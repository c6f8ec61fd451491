/**
 * What is trusted of a manifest. The first one of a server is accepted with whoever added the server; from then on a tool
 * whose definition changes, and a server whose identity does, is held back until a person accepts the change. A new tool
 * is accepted as it comes, unless what it says of itself is not meant for people's eyes.
 */
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

/** Of tools that are gone from the manifest, so many are remembered as they were accepted. */
const MAX_GONE = 1_000;
const MAX_REMEMBERED = 8 * 1024;
/** Of a tool in the history. */
const MAX_TOLD = 64 * 1024;
const MAX_VERSIONS = 100;

/** The entry with another manifest than before; what that means is added to `happened`. */
export function withManifest(
  entry: Entry,
  manifest: ObservedManifest,
  findings: readonly Finding[],
  at: string,
  happened: ChangeDetails[],
): Entry {
  const { version, digest } = manifest;
  // The same manifest comes again when tools/list says something else of a tool.
  if (digest !== entry.manifest?.digest) happened.push({ kind: 'manifest', version, digest });
  // A map: a tool may have any name, also one that every object has.
  const held = new Map<string, ObservedTool | null>();
  const before = new Map((entry.manifest?.tools ?? []).map((tool) => [tool.name, tool]));
  for (const tool of manifest.tools) {
    const happening = trust(entry, before.get(tool.name), tool, findings, held);
    if (happening !== undefined) happened.push(happening);
    before.delete(tool.name);
  }
  for (const [tool, { digest }] of before) happened.push({ kind: 'tool-gone', tool, digest });
  const next = {
    ...entry,
    manifest,
    held: Object.fromEntries([...rememberGone(entry, manifest.tools), ...held]),
  };
  return { ...withIdentity(next, entry, happened), versions: versionsWith(entry.versions, manifest, at) };
}

/** Puts into `held` what was accepted of a tool that is not that now. */
function trust(
  entry: Entry,
  shown: ObservedTool | undefined,
  tool: ObservedTool,
  findings: readonly Finding[],
  held: Map<string, ObservedTool | null>,
): ChangeDetails | undefined {
  const { name, digest } = tool;
  const accepted = Object.hasOwn(entry.held, name) ? entry.held[name] : shown;
  const suspicious = findings.some((one) => one.tool === name && HOLDS_BACK.includes(one.code));
  if (accepted === undefined) {
    if (!suspicious) return { kind: 'tool-appeared', tool: name, digest };
    held.set(name, null);
    return { kind: 'tool-quarantined', tool: name, before: null, after: slim(tool, MAX_TOLD) };
  }
  // What tools/list adds is seen for the first time: it is taken with the definition that was accepted before.
  const first =
    accepted !== null &&
    accepted.listed === undefined &&
    tool.listed !== undefined &&
    accepted.digest === tool.manifestDigest;
  if (first && !suspicious && shown?.digest === accepted?.digest) return undefined;
  if (accepted?.digest === digest || (first && !suspicious)) {
    if (shown === undefined) return { kind: 'tool-appeared', tool: name, digest };
    return shown.digest === digest ? undefined : { kind: 'tool-restored', tool: name, digest };
  }
  held.set(name, accepted);
  // Held before, and only what tools/list adds is new to us.
  const known =
    shown?.digest === digest ||
    (Object.hasOwn(entry.held, name) && shown !== undefined && shown.digest === tool.manifestDigest);
  return known
    ? undefined
    : {
        kind: 'tool-quarantined',
        tool: name,
        before: accepted && slim(accepted, MAX_TOLD),
        after: slim(tool, MAX_TOLD),
      };
}

/** A tool that goes away and comes back as another is still another than was accepted. */
export function rememberGone(
  { held, manifest: before }: Entry,
  now: readonly ObservedTool[],
): [string, ObservedTool | null][] {
  const there = new Set(now.map(({ name }) => name));
  const gone = new Map<string, ObservedTool | null>();
  for (const [name, accepted] of Object.entries(held)) if (!there.has(name)) gone.set(name, accepted);
  for (const tool of before?.tools ?? [])
    if (!there.has(tool.name) && !gone.has(tool.name)) gone.set(tool.name, slim(tool));
  return [...gone].slice(-MAX_GONE);
}

/** A large one is remembered by its digest and its words: a server that is another each time must not grow without end. */
function slim(tool: ObservedTool, most = MAX_REMEMBERED): ObservedTool {
  if (JSON.stringify(tool).length <= most) return tool;
  const { listed: _, outputSchema: __, ...rest } = tool;
  return { ...rest, description: shorten(tool.description, 500), schema: { type: 'object' } };
}

function withIdentity(next: Entry, before: Entry, happened: ChangeDetails[]): Entry {
  if (before.manifest === undefined || next.manifest === undefined) return next;
  const [was, now] = [identityOf(before.manifest), identityOf(next.manifest)];
  const accepted = before.heldIdentity ?? was;
  const { heldIdentity: _, ...free } = next;
  if (isSame(accepted, now)) {
    if (before.heldIdentity !== undefined) happened.push({ kind: 'identity-restored' });
    return free;
  }
  if (!isSame(was, now)) happened.push({ kind: 'identity-quarantined', before: accepted, after: now });
  return { ...next, heldIdentity: accepted };
}

function versionsWith(versions: readonly Version[], manifest: ObservedManifest, at: string): Version[] {
  const { version, title, name, url } = manifest;
  const description = title ?? name;
  const before = versions.find((one) => one.version === version);
  const made: Version = {
    version,
    ...(title === undefined ? {} : { title }),
    description,
    url,
    publishedAt: before?.publishedAt ?? at,
    updatedAt: at,
  };
  return [made, ...versions.filter((one) => one !== before)].slice(0, MAX_VERSIONS);
}

/** As JSON, members in the same order. */
export function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
