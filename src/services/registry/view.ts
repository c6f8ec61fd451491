/** An entry as people and programs are shown it: what is kept, and what follows from that. */
import { type Difference, differences } from './diff.js';
import {
  type Actor,
  type Change,
  type Entry,
  type Finding,
  type GuidanceItem,
  heldItems,
  type Identity,
  identityOf,
  isHeld,
  isOff,
  type ObservedTool,
  type ServerState,
  type Switch,
  serverState,
  switchOf,
  type ToolState,
  toolState,
} from './entry.js';
import type { ManifestTool } from './manifest/manifest.js';

/** So many changes are listed one by one; more make it another document. */
const MAX_CHANGES = 200;

/** Of when it was last asked; not kept, since it follows from asking again. */
export type Contact = {
  checkedAt?: string;
  /** When it is asked next. */
  nextAt?: string;
  /** In a row. */
  failures: number;
};

type WithoutPerson<One> = One extends Change
  ? Omit<One, 'by' | 'reason'> & { by?: Actor; reason?: string }
  : never;
/** A change as a reader sees it: only some readers see the person and the reason. */
export type ChangeView = WithoutPerson<Change>;
export type SwitchView = Pick<Switch, 'enabled' | 'at'> & { by?: Actor; reason?: string };

export type ToolView = Omit<ObservedTool, 'manifestDigest'> & {
  state: ToolState;
  switch?: SwitchView;
  /** Of a tool in quarantine: what was accepted (null: nothing yet), and what has changed since. */
  accepted?: ObservedTool | null;
  changes?: readonly Difference[];
  findings: readonly Finding[];
};

export type ServerSummary = {
  name: string;
  /** Of the manifest. */
  address: string;
  /** Of the MCP endpoint; absent as long as nothing told it. */
  url?: string;
  title?: string;
  version?: string;
  owner?: string;
  state: ServerState;
  tools: number;
  /** Of those, how many are in quarantine. */
  quarantined: number;
  findings: { error: number; warning: number; info: number };
  addedAt: string;
  changedAt: string;
} & Contact;

export type ServerView = Omit<ServerSummary, 'tools'> & {
  manifest?: Omit<NonNullable<Entry['manifest']>, 'tools'>;
  switch?: SwitchView;
  /** Absent when the reader may not see persons. */
  addedBy?: Entry['addedBy'];
  /** In quarantine: what was accepted, what the manifest tells now, and the difference. */
  identity?: { accepted: Identity; now: Identity; changes: readonly Difference[] };
  /** In quarantine: what it tells models now, what was accepted of that, and the digest to accept it by. */
  guidance?: { digest: string; changes: readonly { item: string; before: string | null; after: string }[] };
  tools: readonly ToolView[];
  allFindings: readonly Finding[];
};

export function summaryOf(entry: Entry, contact: Contact): ServerSummary {
  const { address, name, manifest, findings, addedAt, changedAt } = entry;
  const tools = manifest?.tools ?? [];
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  return {
    name,
    address,
    ...(manifest && { url: manifest.url, version: manifest.version, owner: manifest.owner }),
    ...(manifest?.title === undefined ? {} : { title: manifest.title }),
    state: serverState(entry),
    tools: tools.length,
    quarantined: tools.filter((tool) => toolState(entry, tool.name) === 'quarantined').length,
    findings: { error: count('error'), warning: count('warning'), info: count('info') },
    addedAt,
    changedAt,
    ...contact,
  };
}

export function viewOf(entry: Entry, contact: Contact): ServerView {
  const { manifest, heldIdentity, findings, addedBy } = entry;
  const now = manifest && identityOf(manifest);
  const { tools = [], ...told } = manifest ?? {};
  return {
    ...summaryOf(entry, contact),
    ...(manifest && { manifest: told as Omit<typeof manifest, 'tools'> }),
    ...(entry.switch && { switch: entry.switch }),
    addedBy,
    ...(heldIdentity && now
      ? { identity: { accepted: heldIdentity, now, changes: differences(heldIdentity, now) } }
      : {}),
    ...guidanceView(entry),
    tools: tools.map((tool) => toolView(entry, tool)),
    allFindings: findings,
  };
}

function guidanceView(entry: Entry): Pick<ServerView, 'guidance'> {
  const { guidance, heldGuidance = {} } = entry;
  const items = heldItems(entry);
  if (guidance === undefined || items.length === 0) return {};
  const text = (item: GuidanceItem | null | undefined) => item?.text ?? null;
  const changes = items.slice(0, MAX_CHANGES).map((item) => ({
    item,
    before: text(heldGuidance[item]),
    after: guidance.items[item]?.text ?? '',
  }));
  return { guidance: { digest: guidance.digest, changes } };
}

function toolView(entry: Entry, { manifestDigest: _, ...tool }: ObservedTool): ToolView {
  const state = toolState(entry, tool.name);
  const switched = switchOf(entry, tool.name);
  const accepted = state === 'quarantined' ? (entry.held[tool.name] ?? null) : null;
  return {
    ...tool,
    state,
    ...(switched && { switch: switched }),
    ...(state === 'quarantined'
      ? { accepted: accepted && withoutManifestDigest(accepted), changes: changesOf(accepted, tool) }
      : {}),
    findings: entry.findings.filter((one) => one.tool === tool.name),
  };
}

function withoutManifestDigest({ manifestDigest: _, ...tool }: ObservedTool): ObservedTool {
  return tool;
}

/** What was never read of an accepted tool is no change of it. */
function changesOf(accepted: ObservedTool | null, tool: ObservedTool): Difference[] {
  const { manifestDigest: _, ...before } = accepted ?? {};
  return differences(before, tool).slice(0, MAX_CHANGES);
}

/** Every tool that must not be called, and why: what a server that follows the registry keeps to. */
export type Switches = {
  /** False: nothing of it is to be used. */
  enabled: boolean;
  tools: { [tool: string]: 'off' | 'quarantined' };
};

/** The switches of all entries for one endpoint: a tool is off when any of them has it off. */
export function switchesOfAll(entries: readonly Entry[]): Switches {
  const all = entries.map(switchesOf);
  return {
    enabled: all.every(({ enabled }) => enabled),
    tools: Object.fromEntries(all.flatMap(({ tools }) => Object.entries(tools))),
  };
}

export function switchesOf(entry: Entry): Switches {
  // Also of a tool that no manifest tells of just now.
  const names = [
    ...Object.keys(entry.toolSwitches),
    ...(entry.manifest?.tools ?? []).map(({ name }) => name),
  ];
  const states = names.map((name): [string, ToolState] => [name, toolState(entry, name)]);
  const off = states.filter((one): one is [string, 'off' | 'quarantined'] => one[1] !== 'on');
  return {
    enabled: !isOff(entry.switch) && !isHeld(entry),
    tools: Object.fromEntries(off),
  };
}

/** A tool as a list of search results shows it. */
export type ToolMatch = Pick<ManifestTool, 'name' | 'title' | 'description' | 'scope' | 'destructive'>;

export function matchedTools({ manifest }: Entry, names: readonly string[]): ToolMatch[] {
  return names.flatMap((name) => {
    const tool = manifest?.tools.find((one) => one.name === name);
    if (tool === undefined) return [];
    const { title, description, scope, destructive } = tool;
    return { name, ...(title === undefined ? {} : { title }), description, scope, destructive };
  });
}
