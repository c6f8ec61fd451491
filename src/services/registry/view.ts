/** An entry as people and programs see it: what is stored, and what follows from that. */
import { type Difference, differences } from './diff.js';
import {
  type Actor,
  type Change,
  type Entry,
  type Finding,
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

/** At most this many changes are listed; with more it is another document. */
const MAX_CHANGES = 200;

/** When the server was last checked. Not stored, because the next check tells it again. */
export type Contact = {
  checkedAt?: string;
  nextAt?: string;
  /** Failures in a row. */
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
  /** In quarantine: what was accepted (null: nothing yet), and what has changed since. */
  accepted?: ObservedTool | null;
  changes?: readonly Difference[];
  findings: readonly Finding[];
};

export type ServerSummary = {
  name: string;
  /** Of the manifest. */
  address: string;
  /** Of the MCP endpoint; absent while there is no manifest. */
  url?: string;
  title?: string;
  version?: string;
  owner?: string;
  state: ServerState;
  tools: number;
  /** Tools in quarantine. */
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
  /** In quarantine: the accepted identity, the current one, and the difference. */
  identity?: { accepted: Identity; now: Identity; changes: readonly Difference[] };
  /** In quarantine: the current texts for models, what was accepted of them, and the digest to accept them by. */
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
  const { manifest, heldIdentity: acceptedIdentity, findings, addedBy } = entry;
  const now = manifest && identityOf(manifest);
  return {
    ...summaryOf(entry, contact),
    ...(manifest && { manifest: withoutTools(manifest) }),
    ...(entry.switch && { switch: entry.switch }),
    addedBy,
    ...(acceptedIdentity &&
      now && { identity: { accepted: acceptedIdentity, now, changes: differences(acceptedIdentity, now) } }),
    ...guidanceView(entry),
    tools: (manifest?.tools ?? []).map((tool) => toolView(entry, tool)),
    allFindings: findings,
  };
}

function withoutTools({ tools: _, ...rest }: NonNullable<Entry['manifest']>) {
  return rest;
}

function guidanceView(entry: Entry): Pick<ServerView, 'guidance'> {
  const { guidance, heldGuidance = {} } = entry;
  const items = heldItems(entry);
  if (guidance === undefined || items.length === 0) return {};
  const changes = items.slice(0, MAX_CHANGES).map((item) => ({
    item,
    before: heldGuidance[item]?.text ?? null,
    after: guidance.items[item]?.text ?? '',
  }));
  return { guidance: { digest: guidance.digest, changes } };
}

function toolView(entry: Entry, observedTool: ObservedTool): ToolView {
  const tool = withoutManifestDigest(observedTool);
  const state = toolState(entry, tool.name);
  const toolSwitch = switchOf(entry, tool.name);
  const heldTool = state === 'quarantined' ? entry.held[tool.name] : undefined;
  const accepted = heldTool ? withoutManifestDigest(heldTool) : null;
  return {
    ...tool,
    state,
    ...(toolSwitch && { switch: toolSwitch }),
    ...(state === 'quarantined' && {
      accepted,
      changes: differences(accepted ?? {}, tool).slice(0, MAX_CHANGES),
    }),
    findings: entry.findings.filter((one) => one.tool === tool.name),
  };
}

function withoutManifestDigest({ manifestDigest: _, ...tool }: ObservedTool): ObservedTool {
  return tool;
}

/** The tools that must not be called, and why: what a server that follows the registry obeys. */
export type Switches = {
  /** False: nothing of the server may be used. */
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
  // Includes tools that the current manifest does not contain.
  const names = [
    ...Object.keys(entry.toolSwitches),
    ...(entry.manifest?.tools ?? []).map(({ name }) => name),
  ];
  const tools: Switches['tools'] = Object.fromEntries(
    names.flatMap((name) => {
      const state = toolState(entry, name);
      return state === 'on' ? [] : [[name, state]];
    }),
  );
  return { enabled: !isOff(entry.switch) && !isHeld(entry), tools };
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
