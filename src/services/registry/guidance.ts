/**
 * What a server tells models beside its tools: its instructions, its prompts and resources. The first of it is accepted with
 * the server, and so is a new item, unless it hides something; what changes afterwards holds the whole server back, since
 * no switch of a registry reaches a single prompt. What is gone is remembered, as with tools.
 */
import { GUIDANCE_HIDES } from './check/findings.js';
import {
  type ChangeDetails,
  type Entry,
  type Finding,
  type Guidance,
  type GuidanceItem,
  heldItems,
} from './entry.js';

/** Of items that are gone, so many are remembered. */
const MAX_GONE = 500;

export function withGuidance(
  entry: Entry,
  guidance: Guidance,
  findings: readonly Finding[],
  happened: ChangeDetails[],
): Entry {
  const { guidance: before, heldGuidance = {} } = entry;
  if (before?.digest === guidance.digest) return entry;
  const hiding = findings.filter(({ code }) => code === GUIDANCE_HIDES).map(({ message }) => message);
  const held = new Map<string, GuidanceItem | null>();
  const changed: string[] = [];
  for (const [key, item] of Object.entries(guidance.items)) {
    const shown = own(before?.items, key);
    const accepted = Object.hasOwn(heldGuidance, key) ? own(heldGuidance, key) : shown;
    const hides = accepted === undefined && hiding.some((message) => message.startsWith(`${key}: `));
    if (accepted?.digest === item.digest || (accepted === undefined && !hides)) continue;
    held.set(key, accepted ?? null);
    if (shown?.digest !== item.digest) changed.push(key);
  }
  const next = { ...entry, guidance };
  const all = Object.fromEntries([...goneGuidance(entry, guidance.items), ...held]);
  const { heldGuidance: _, ...free } = next;
  const made = Object.keys(all).length === 0 ? free : { ...free, heldGuidance: all };
  if (changed.length > 0) happened.push({ kind: 'guidance-quarantined', items: changed.slice(0, 50) });
  else if (heldItems(entry).length > 0 && heldItems(made).length === 0)
    happened.push({ kind: 'guidance-restored' });
  return made;
}

/** Undefined when it is not that digest which waits to be accepted. */
export function acceptGuidance(
  entry: Entry,
  digest: string,
  reason: string,
): { entry: Entry; happened: ChangeDetails[] } | undefined {
  const { guidance, heldGuidance = {}, ...rest } = entry;
  const items = heldItems(entry);
  if (guidance === undefined || items.length === 0 || guidance.digest !== digest) return undefined;
  const left = Object.fromEntries(Object.entries(heldGuidance).filter(([key]) => !items.includes(key)));
  const accepted = { ...rest, guidance, ...(Object.keys(left).length > 0 && { heldGuidance: left }) };
  return {
    entry: accepted,
    happened: [{ kind: 'guidance-accepted', digest, items: items.slice(0, 50), reason }],
  };
}

export function goneGuidance(
  { guidance: before, heldGuidance = {} }: Entry,
  now: Guidance['items'],
): [string, GuidanceItem | null][] {
  const all = new Map<string, GuidanceItem | null>();
  for (const [key, accepted] of Object.entries(heldGuidance))
    if (!Object.hasOwn(now, key)) all.set(key, accepted);
  for (const [key, item] of Object.entries(before?.items ?? {}))
    if (!Object.hasOwn(now, key) && !all.has(key)) all.set(key, item);
  return [...all].slice(-MAX_GONE);
}

function own<Value>(items: { [key: string]: Value } | undefined, key: string): Value | undefined {
  return items !== undefined && Object.hasOwn(items, key) ? items[key] : undefined;
}
