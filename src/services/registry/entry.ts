/**
 * What the registry stores about one server, and everything that can happen to it. An entry is a JSON value and is stored as
 * it is; view.ts makes what people and programs see.
 */
import { canonicalResource } from '../../oauth/audience.js';
import type { JsonObject } from '../../wire/value.js';
import { endpointAt } from './manifest/address.js';
import type { Manifest, ManifestTool } from './manifest/manifest.js';

export type Severity = 'error' | 'warning' | 'info';

/** A problem, described for the person who can mend it. */
export type Finding = {
  /** For programs: `tool-drift`. */
  code: string;
  severity: Severity;
  /** Absent when it concerns the server. */
  tool?: string;
  message: string;
  /** How to mend it. */
  mend: string;
};

/** Who did something: a person, a program by its client id, or `registry`. */
export type Actor = { user: string; tenant?: string; issuer?: string };

/** Makes the changes that follow from a check. */
export const REGISTRY: Actor = { user: 'registry' };

export type Switch = {
  enabled: boolean;
  by: Actor;
  reason: string;
  /** RFC 3339, like all times here. */
  at: string;
};

/** What identifies a server. Its owner also decides where calls and tokens go. */
export type Identity = Pick<Manifest, 'name' | 'url' | 'owner'> & { issuers: readonly string[] };

/**
 * A tool as a check found it: the manifest's definition, and what tools/list adds or states differently. With `listed` the
 * digest covers both, unless tools/list adds nothing; `manifestDigest` is then the manifest's own.
 */
export type ObservedTool = ManifestTool & {
  /** Absent until tools/list has been read. */
  listed?: JsonObject;
  manifestDigest?: string;
};

export type ObservedManifest = Omit<Manifest, 'tools'> & { tools: readonly ObservedTool[] };

/** A server's texts for models besides its tools: `instructions`, `prompt NAME`, `resource URI`, `template URI`. */
export type Guidance = {
  /** Of all items. */
  digest: string;
  items: { [key: string]: GuidanceItem };
};

/** The text is cut where it is long. */
export type GuidanceItem = { digest: string; text: string };

/** A version that the server has had; clients can ask for it later. */
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
   * The address of its manifest, and the entry's key. It is the endpoint's own manifest address, or that of an origin with one
   * server, the only kind in earlier versions.
   */
  address: string;
  /** Unique: the manifest's name if it was free, else the address. */
  name: string;
  addedAt: string;
  addedBy: Actor;
  /** The last valid manifest; absent until there was one. */
  manifest?: ObservedManifest;
  /**
   * The accepted definitions of tools that have changed since, or are gone. Null for a tool in quarantine that was never
   * accepted. A tool of the manifest that is not in here is accepted as it is.
   */
  held: { [tool: string]: ObservedTool | null };
  /** Absent until it could be read. */
  guidance?: Guidance;
  /** The accepted items that have changed since, or are gone; null for an item in quarantine that was never accepted. */
  heldGuidance?: { [key: string]: GuidanceItem | null };
  /** The accepted identity, while the manifest states another. */
  heldIdentity?: Identity;
  /** Of the whole server; absent until somebody switched it. */
  switch?: Switch;
  toolSwitches: { [tool: string]: Switch };
  findings: readonly Finding[];
  /** Newest first. */
  versions: readonly Version[];
  /** Whether the server is on, and since when it is or is not; absent until the entry changes for the first time since this is stored. */
  use?: { isOn: boolean; since: string };
  /** When the entry last changed. */
  changedAt: string;
  /** Grows with every change of anything in the registry. */
  seq: number;
};

/** A change of an entry. Changes are stored for ever. */
export type Change = {
  seq: number;
  at: string;
  by: Actor;
  address: string;
  /** The entry's name at that time. */
  name: string;
} & ChangeDetails;

export type ChangeDetails =
  | { kind: 'added' | 'removed' }
  /** Another valid manifest. */
  | { kind: 'manifest'; version: string; digest: string }
  /** See upgrade.ts. */
  | { kind: 'manifest-set-aside'; url: string }
  | { kind: 'tool-appeared' | 'tool-gone'; tool: string; digest: string }
  | { kind: 'tool-quarantined'; tool: string; before: ObservedTool | null; after: ObservedTool }
  | { kind: 'tool-restored'; tool: string; digest: string }
  | { kind: 'tool-accepted'; tool: string; digest: string; reason: string }
  | { kind: 'identity-quarantined'; before: Identity; after: Identity }
  | { kind: 'identity-accepted'; identity: Identity; reason: string }
  | { kind: 'identity-restored' }
  /** `items` are the changed keys. */
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

/** A tool may be called `constructor`. */
export function switchOf({ toolSwitches }: Pick<Entry, 'toolSwitches'>, tool: string): Switch | undefined {
  return Object.hasOwn(toolSwitches, tool) ? toolSwitches[tool] : undefined;
}

/** A tool's own state, regardless of its server's. Quarantine is stronger than a switch. */
export function toolState(entry: Entry, tool: string): ToolState {
  if (Object.hasOwn(entry.held, tool)) return 'quarantined';
  return isOff(switchOf(entry, tool)) ? 'off' : 'on';
}

/** A server is in quarantine because of its identity or its guidance, not because of its tools. */
export function serverState(entry: Entry): ServerState {
  const { manifest, switch: serverSwitch } = entry;
  if (manifest === undefined) return isOff(serverSwitch) ? 'off' : 'pending';
  if (isHeld(entry)) return 'quarantined';
  return isOff(serverSwitch) ? 'off' : 'on';
}

export function isHeld(entry: Entry): boolean {
  return entry.heldIdentity !== undefined || heldItems(entry).length > 0;
}

/** Keys of the current guidance that nobody has accepted. */
export function heldItems({ guidance, heldGuidance = {} }: Entry): string[] {
  return Object.keys(heldGuidance).filter((key) => Object.hasOwn(guidance?.items ?? {}, key));
}

/** Counts while a new identity waits for acceptance. */
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
