/**
 * What becomes of an entry: each step is a pure function from an entry to the next one and what has happened. What is
 * trusted of a manifest is decided in trust.ts.
 */
import {
  type Actor,
  type ChangeDetails,
  type Entry,
  type Finding,
  heldItems,
  identityOf,
  type Switch,
  switchOf,
} from './entry.js';
import { acceptGuidance, withGuidance } from './guidance.js';
import { endpointTaken, type Observation, relations, speaking } from './relations.js';
import { withManifest } from './trust.js';

/** `refused`: nothing was done, and why. No happening: there was nothing to do. */
export type StepResult = { entry: Entry; happened: readonly ChangeDetails[] } | { refused: string };

export function newEntry(address: string, by: Actor, at: string): Entry {
  return {
    address,
    name: address,
    addedAt: at,
    addedBy: by,
    held: {},
    toolSwitches: {},
    findings: [],
    versions: [],
    changedAt: at,
    seq: 0,
  };
}

/** After a check. */
export function applyCheck(entry: Entry, seen: Observation): StepResult {
  const happened: ChangeDetails[] = [];
  let next = entry;
  const { manifest } = seen;
  const others = entry.manifest === undefined && manifest !== undefined ? speaking(manifest.url, seen) : [];
  // No identity is accepted yet, and another entry speaks for that endpoint.
  if (manifest !== undefined && others.length > 0)
    return withFindings(entry, [endpointTaken(manifest.url, others)], happened);
  if (manifest !== undefined) next = withManifest(next, manifest, seen.findings, seen.at, happened);
  if (seen.guidance !== undefined) next = withGuidance(next, seen.guidance, seen.findings, happened);
  next = named(next, seen.taken);
  return withFindings(next, [...seen.findings, ...relations(next, seen)], happened, entry);
}

function withFindings(
  next: Entry,
  all: readonly Finding[],
  happened: ChangeDetails[],
  entry = next,
): StepResult {
  const findings = unique(all);
  const found = without(findings, entry.findings);
  const gone = without(entry.findings, findings);
  if (found.length > 0 || gone.length > 0) {
    happened.push({ kind: 'findings', found, gone });
    return { entry: { ...next, findings }, happened };
  }
  return { entry: next, happened };
}

/** The name that its manifest tells, once that is free and its identity is accepted. */
function named(entry: Entry, taken: (name: string) => boolean): Entry {
  const { manifest, heldIdentity, address, name } = entry;
  if (manifest === undefined || heldIdentity !== undefined || manifest.name === name) return entry;
  if (!taken(manifest.name)) return { ...entry, name: manifest.name };
  return name === address ? entry : { ...entry, name: address };
}

/** `digest` is that of the definition that the person saw. */
export function acceptTool(entry: Entry, tool: string, digest: string, reason: string): StepResult {
  const now = entry.manifest?.tools.find(({ name }) => name === tool);
  if (now === undefined) return { refused: `the manifest tells of no tool ${tool}` };
  if (!Object.hasOwn(entry.held, tool)) return { refused: `${tool} is not in quarantine` };
  if (now.digest !== digest)
    return {
      refused: `${tool} has changed again: its digest is ${now.digest} now, and ${digest} was to be accepted`,
    };
  const { [tool]: _, ...held } = entry.held;
  return { entry: { ...entry, held }, happened: [{ kind: 'tool-accepted', tool, digest, reason }] };
}

/** `digest` is that of what the person saw: the manifest with another identity, or what the server tells models. */
export function acceptServer(
  entry: Entry,
  digest: string,
  reason: string,
  taken: (name: string) => boolean,
): StepResult {
  const accepted = acceptGuidance(entry, digest, reason);
  if (accepted !== undefined) return accepted;
  if (entry.heldIdentity === undefined && heldItems(entry).length > 0)
    return {
      refused: `what it tells models has changed again: its digest is ${entry.guidance?.digest} now, and ${digest} was to be accepted`,
    };
  return acceptIdentity(entry, digest, reason, taken);
}

/** `digest` is that of the manifest that the person saw. */
export function acceptIdentity(
  entry: Entry,
  digest: string,
  reason: string,
  taken: (name: string) => boolean,
): StepResult {
  const { manifest, heldIdentity, ...rest } = entry;
  if (manifest === undefined || heldIdentity === undefined)
    return { refused: 'its identity is not in quarantine' };
  if (manifest.digest !== digest)
    return {
      refused: `the manifest has changed again: its digest is ${manifest.digest} now, and ${digest} was to be accepted`,
    };
  const accepted = {
    ...rest,
    manifest,
    findings: rest.findings.filter(({ code }) => code !== 'identity-changed'),
  };
  const happening: ChangeDetails = { kind: 'identity-accepted', identity: identityOf(manifest), reason };
  return { entry: named(accepted, taken), happened: [happening] };
}

/** Of the server unless a tool is named. */
export function applySwitch(entry: Entry, made: Switch, tool?: string): StepResult {
  const before = tool === undefined ? entry.switch : switchOf(entry, tool);
  if ((before?.enabled ?? true) === made.enabled)
    return { refused: `${tool ?? entry.name} is ${made.enabled ? 'on' : 'off'} already` };
  const { enabled, reason } = made;
  if (tool === undefined) {
    return { entry: { ...entry, switch: made }, happened: [{ kind: 'switched', enabled, reason }] };
  }
  const known = entry.manifest?.tools.some(({ name }) => name === tool) === true || before !== undefined;
  if (!known) return { refused: `the manifest tells of no tool ${tool}` };
  const toolSwitches = { ...entry.toolSwitches, [tool]: made };
  return { entry: { ...entry, toolSwitches }, happened: [{ kind: 'switched', tool, enabled, reason }] };
}

function without(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return findings.filter((one) => !known.has(JSON.stringify(one)));
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}
