/** How an entry changes. Each step is a pure function from an entry to the next one, with the details of the change. */
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
import { endpointFinding, type Observation, relationFindings } from './relations.js';
import { withManifest } from './trust.js';

/** `problem` says why nothing was done. Without details there was nothing to do. */
export type StepResult = { entry: Entry; details: readonly ChangeDetails[] } | { problem: string };

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

export function applyCheck(entry: Entry, observation: Observation): StepResult {
  const { manifest, guidance, findings, at } = observation;
  const details: ChangeDetails[] = [];
  // A new entry gets no manifest while another entry speaks for that endpoint.
  const conflict =
    entry.manifest === undefined && manifest !== undefined && endpointFinding(manifest.url, observation);
  if (conflict) return withFindings(entry, entry, [conflict], details);
  let next = entry;
  if (manifest !== undefined) next = withManifest(next, manifest, findings, at, details);
  if (guidance !== undefined) next = withGuidance(next, guidance, findings, details);
  next = withName(next, observation.isTaken);
  return withFindings(entry, next, [...findings, ...relationFindings(next, observation)], details);
}

function withFindings(
  before: Entry,
  entry: Entry,
  all: readonly Finding[],
  details: ChangeDetails[],
): StepResult {
  const findings = new Map(all.map((one) => [JSON.stringify(one), one]));
  const earlier = new Map(before.findings.map((one) => [JSON.stringify(one), one]));
  const newFindings = [...findings].filter(([key]) => !earlier.has(key)).map(([, one]) => one);
  const oldFindings = [...earlier].filter(([key]) => !findings.has(key)).map(([, one]) => one);
  if (newFindings.length === 0 && oldFindings.length === 0) return { entry, details };
  return {
    entry: { ...entry, findings: [...findings.values()] },
    details: [...details, { kind: 'findings', found: newFindings, gone: oldFindings }],
  };
}

/** Takes the manifest's name once it is free and the identity is accepted. */
function withName(entry: Entry, isTaken: (name: string) => boolean): Entry {
  const { manifest, heldIdentity, address, name } = entry;
  if (manifest === undefined || heldIdentity !== undefined || manifest.name === name) return entry;
  const free = isTaken(manifest.name) ? address : manifest.name;
  return free === name ? entry : { ...entry, name: free };
}

/** `digest` is that of the definition that the person saw. */
export function acceptTool(entry: Entry, tool: string, digest: string, reason: string): StepResult {
  const current = entry.manifest?.tools.find(({ name }) => name === tool);
  if (current === undefined) return { problem: `the manifest has no tool ${tool}` };
  if (!Object.hasOwn(entry.held, tool)) return { problem: `${tool} is not in quarantine` };
  if (current.digest !== digest) return changedAgain(tool, current.digest, digest);
  const { [tool]: _, ...held } = entry.held;
  return { entry: { ...entry, held }, details: [{ kind: 'tool-accepted', tool, digest, reason }] };
}

/** `digest` is that of what the person saw: the manifest with another identity, or the guidance. */
export function acceptServer(
  entry: Entry,
  digest: string,
  reason: string,
  isTaken: (name: string) => boolean,
): StepResult {
  const guidanceResult = acceptGuidance(entry, digest, reason);
  if (guidanceResult !== undefined) return guidanceResult;
  const { manifest, heldIdentity, ...rest } = entry;
  if (heldIdentity === undefined && heldItems(entry).length > 0)
    return changedAgain('its text for models', entry.guidance?.digest, digest);
  if (manifest === undefined || heldIdentity === undefined)
    return { problem: 'its identity is not in quarantine' };
  if (manifest.digest !== digest) return changedAgain('the manifest', manifest.digest, digest);
  const findings = rest.findings.filter(({ code }) => code !== 'identity-changed');
  return {
    entry: withName({ ...rest, manifest, findings }, isTaken),
    details: [{ kind: 'identity-accepted', identity: identityOf(manifest), reason }],
  };
}

function changedAgain(what: string, current: string | undefined, digest: string): StepResult {
  return {
    problem: `${what} has changed again: its digest is ${current} now, and ${digest} was to be accepted`,
  };
}

/** Switches the server, or one tool. */
export function applySwitch(entry: Entry, change: Switch, tool?: string): StepResult {
  const { enabled, reason } = change;
  const before = tool === undefined ? entry.switch : switchOf(entry, tool);
  if ((before?.enabled ?? true) === enabled)
    return { problem: `${tool ?? entry.name} is ${enabled ? 'on' : 'off'} already` };
  if (tool === undefined)
    return { entry: { ...entry, switch: change }, details: [{ kind: 'switched', enabled, reason }] };
  const exists = entry.manifest?.tools.some(({ name }) => name === tool) === true || before !== undefined;
  if (!exists) return { problem: `the manifest has no tool ${tool}` };
  const toolSwitches = { ...entry.toolSwitches, [tool]: change };
  return { entry: { ...entry, toolSwitches }, details: [{ kind: 'switched', tool, enabled, reason }] };
}
