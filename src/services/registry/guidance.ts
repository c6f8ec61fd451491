/**
 * A server's texts for models besides its tools: its instructions, prompts and resources. The first ones are accepted with
 * the server, and so is a new item unless it hides something. A later change quarantines the whole server, because no switch
 * of a registry reaches a single prompt. Items that are gone are remembered, like tools.
 */
import { GUIDANCE_HIDES } from './check/findings.js';
import { type ChangeDetails, type Entry, type Finding, type Guidance, heldItems } from './entry.js';
import { rememberGone } from './trust.js';

const MAX_GONE = 500;
const MAX_NAMED = 50;

/** Adds to `details` what the new guidance means. */
export function withGuidance(
  entry: Entry,
  guidance: Guidance,
  findings: readonly Finding[],
  details: ChangeDetails[],
): Entry {
  const { guidance: before, heldGuidance: heldBefore = {}, ...rest } = entry;
  if (before?.digest === guidance.digest) return entry;
  const hiding = findings.filter(({ code }) => code === GUIDANCE_HIDES).map(({ message }) => message);
  const heldGuidance = rememberGone(heldBefore, before?.items ?? {}, guidance.items, MAX_GONE);
  const changedKeys: string[] = [];
  for (const [key, item] of Object.entries(guidance.items)) {
    const current = Object.hasOwn(before?.items ?? {}, key) ? before?.items[key] : undefined;
    const acceptedItem = Object.hasOwn(heldBefore, key) ? heldBefore[key] : current;
    const hides = acceptedItem === undefined && hiding.some((message) => message.startsWith(`${key}: `));
    if (acceptedItem?.digest === item.digest || (acceptedItem === undefined && !hides)) continue;
    heldGuidance.set(key, acceptedItem ?? null);
    if (current?.digest !== item.digest) changedKeys.push(key);
  }
  const next = {
    ...rest,
    guidance,
    ...(heldGuidance.size > 0 && { heldGuidance: Object.fromEntries(heldGuidance) }),
  };
  if (changedKeys.length > 0)
    details.push({ kind: 'guidance-quarantined', items: changedKeys.slice(0, MAX_NAMED) });
  else if (heldItems(entry).length > 0 && heldItems(next).length === 0)
    details.push({ kind: 'guidance-restored' });
  return next;
}

export function goneGuidance({ guidance, heldGuidance = {} }: Entry): NonNullable<Entry['heldGuidance']> {
  return Object.fromEntries(rememberGone(heldGuidance, guidance?.items ?? {}, {}, MAX_GONE));
}

/** Undefined when the guidance with that digest does not wait for acceptance. */
export function acceptGuidance(
  entry: Entry,
  digest: string,
  reason: string,
): { entry: Entry; details: readonly ChangeDetails[] } | undefined {
  const { guidance, heldGuidance = {}, ...rest } = entry;
  const items = heldItems(entry);
  if (guidance === undefined || items.length === 0 || guidance.digest !== digest) return undefined;
  const stillHeld = Object.entries(heldGuidance).filter(([key]) => !items.includes(key));
  return {
    entry: {
      ...rest,
      guidance,
      ...(stillHeld.length > 0 && { heldGuidance: Object.fromEntries(stillHeld) }),
    },
    details: [{ kind: 'guidance-accepted', digest, items: items.slice(0, MAX_NAMED), reason }],
  };
}
