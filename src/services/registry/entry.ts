/**
 * What the registry knows of one server, and everything that can happen to it. An entry is a JSON value: it is kept as it
 * is, and what people and programs are shown of it is made in view.ts.
 */

import { canonicalResource } from '../../oauth/audience.js';
import type { JsonObject } from '../../wire/value.js';
import { endpointAt } from './manifest/address.js';
import type { Manifest, ManifestTool } from './manifest/manifest.js';

export type Severity = 'error' | 'warning' | 'info';

/** Something that is not as it should be, in words for whoever can mend it. */
export type Finding = {
  /** What kind it is, for programs: `tool-drift`. */
  code: string;
  severity: Severity;
  /** The tool that it is about; absent when it is about the server. */
  tool?: string;
  message: string;
  /** What to do about it. */
  mend: string;
};

/** Who did something: a person who is signed in, or a program by its client id; `registry` for what was found by itself. */
export type Actor = { user: string; tenant?: string; issuer?: string };

/** Changes that the registry finds on its own. */
export const REGISTRY: Actor = { user: 'registry' };

export type Switch = {
  enabled: boolean;
  by: Actor;
  reason: string;
  /** RFC 3339, as all times here. */
  at: string;
};

/** What tells one server from another. Who owns the name also decides where calls and tokens go. */
export type Identity = Pick<Manifest, 'name' | 'url' | 'owner'> & { issuers: readonly string[] };

/**
 * A tool as it was seen: what the manifest says of it, and what tools/list says beyond that or otherwise. With `listed`
 * the digest is that of both, unless tools/list adds nothing; `manifestDigest` is then the manifest's own.
 */
export type ObservedTool = ManifestTool & {
  /** Absent as long as nobody has read tools/list, and in what was kept before it was read. */
  listed?: JsonObject;
  manifestDigest?: string;
};

export type ObservedManifest = Omit<Manifest, 'tools'> & { tools: readonly ObservedTool[] };

/** What a server tells models beside its tools: `instructions`, `prompt NAME`, `resource URI`, `template URI`. */
export type Guidance = {
  /** Of all items. */
  digest: string;
  items: { [key: string]: GuidanceItem };
};

/** As it was sent, cut where it is long. */
export type GuidanceItem = { digest: string; text: string };

/** One version that a server has had, as a client of the registry may ask for it later. */
export type Version = {
  version: string;
  title?: string;
  description: string;
  url: string;
  publishedAt: string;
  updatedAt: string;
};

export type Entry = {
  /**
   * The address of its manifest, unique to the entry and its key. It is the endpoint's own manifest address, or that of an origin
   * with one server, the only kind in earlier versions.
   */
  address: string;
  /** By which it is known here: what its manifest says when that was free, else its address. One entry has it. */
  name: string;
  addedAt: string;
  addedBy: Actor;
  /** The last manifest that was a valid one; absent as long as there was none. */
  manifest?: ObservedManifest;
  /**
   * What was accepted of tools that are not now as they were accepted: changed since, or gone. Null where a tool is held back that
   * was never accepted. A tool of the manifest that is not in here is accepted as it is.
   */
  held: { [tool: string]: ObservedTool | null };
  /** What it tells models beside its tools; absent as long as that could not be read. */
  guidance?: Guidance;
  /** What was accepted of that and is now another or gone; null where an item is held back that was never accepted. */
  heldGuidance?: { [key: string]: GuidanceItem | null };
  /** The identity that was accepted, while the manifest tells of another. */
  heldIdentity?: Identity;
  /** Of the whole server, and of single tools; absent where nobody ever switched. */
  switch?: Switch;
  toolSwitches: { [tool: string]: Switch };
  findings: readonly Finding[];
  /** Newest first. */
  versions: readonly Version[];
  /** When something last changed that is told here. */
  changedAt: string;
  /** Grows with every change of anything in the registry. */
  seq: number;
};

/** What happened to an entry; kept for ever, oldest first. */
export type Change = {
  seq: number;
  at: string;
  by: Actor;
  address: string;
  /** Its name at the time. */
  name: string;
} & ChangeDetails;

export type ChangeDetails =
  | { kind: 'added' | 'removed' }
  /** A valid manifest that differs from the one before. */
  | { kind: 'manifest'; version: string; digest: string }
  /** An earlier version read this manifest from another origin. */
  | { kind: 'manifest-set-aside'; url: string }
  | { kind: 'tool-appeared' | 'tool-gone'; tool: string; digest: string }
  | { kind: 'tool-quarantined'; tool: string; before: ObservedTool | null; after: ObservedTool }
  | { kind: 'tool-restored'; tool: string; digest: string }
  | { kind: 'tool-accepted'; tool: string; digest: string; reason: string }
  | { kind: 'identity-quarantined'; before: Identity; after: Identity }
  | { kind: 'identity-accepted'; identity: Identity; reason: string }
  | { kind: 'identity-restored' }
  /** `items` are the keys that changed. */
  | { kind: 'guidance-quarantined'; items: readonly string[] }
  | { kind: 'guidance-accepted'; digest: string; items: readonly string[]; reason: string }
  | { kind: 'guidance-restored' }
  | { kind: 'findings'; found: readonly Finding[]; gone: readonly Finding[] }
  | { kind: 'switched'; tool?: string; enabled: boolean; reason: string };

export type ToolState = 'on' | 'off' | 'quarantined';
/** `pending`: no valid manifest yet. */
export type ServerState = 'on' | 'off' | 'quarantined' | 'pending';

export function isOff(one: Pick<Switch, 'enabled'> | undefined): boolean {
  return one?.enabled === false;
}

/** Of one tool, whose name may be one that every object has. */
export function switchOf({ toolSwitches }: Pick<Entry, 'toolSwitches'>, tool: string): Switch | undefined {
  return Object.hasOwn(toolSwitches, tool) ? toolSwitches[tool] : undefined;
}

/** A tool's own state, whatever its server's is. A tool in quarantine stays there although somebody switches it on. */
export function toolState(entry: Entry, tool: string): ToolState {
  if (Object.hasOwn(entry.held, tool)) return 'quarantined';
  return isOff(switchOf(entry, tool)) ? 'off' : 'on';
}

/** A server is in quarantine when its identity or what it tells models is, and not by its tools. */
export function serverState(entry: Entry): ServerState {
  const { manifest, switch: switched } = entry;
  if (manifest === undefined) return isOff(switched) ? 'off' : 'pending';
  if (isHeld(entry)) return 'quarantined';
  return isOff(switched) ? 'off' : 'on';
}

export function isHeld(entry: Entry): boolean {
  return entry.heldIdentity !== undefined || heldItems(entry).length > 0;
}

/** Keys of what the server tells models now and nobody has accepted. */
export function heldItems({ guidance, heldGuidance = {} }: Entry): string[] {
  return Object.keys(heldGuidance).filter((key) => Object.hasOwn(guidance?.items ?? {}, key));
}

/** The accepted identity, which counts while a new one waits for acceptance. */
export function acceptedIdentity({ manifest, heldIdentity }: Entry): Identity | undefined {
  return heldIdentity ?? (manifest && identityOf(manifest));
}

/**
 * The canonical URL of the MCP endpoint that an entry speaks for: the endpoint of its manifest's address, or else the one that
 * the origin's accepted manifest names. Undefined while neither is known.
 */
export function endpointOf(entry: Entry): string | undefined {
  const address = new URL(entry.address);
  const url = endpointAt(address) ?? acceptedIdentity(entry)?.url;
  // An entry cannot speak for another origin.
  return url === undefined || new URL(url).origin !== address.origin ? undefined : canonicalResource(url);
}

export function identityOf({ name, url, owner, auth }: Omit<Manifest, 'tools'>): Identity {
  return { name, url, owner, issuers: auth?.issuers ?? [] };
}
