/**
 * Entries of an earlier version, which followed redirects to other origins: such an entry may have another server's manifest and
 * name. These are set aside, because an entry cannot speak for another origin. Switches, history and accepted tools stay.
 */
import { acceptedIdentity, type Entry, endpointOf } from './entry.js';
import { goneGuidance } from './guidance.js';
import type { StepResult } from './step.js';
import { rememberGone } from './trust.js';

export function upgrade(entry: Entry): Extract<StepResult, { entry: Entry }> {
  const accepted = acceptedIdentity(entry);
  const isDone =
    entry.name === entry.address && (entry.manifest === undefined || entry.heldIdentity !== undefined);
  if (accepted === undefined || endpointOf(entry) !== undefined || isDone) return { entry, happened: [] };
  const happened = [{ kind: 'manifest-set-aside', url: accepted.url } as const];
  const unnamed = { ...entry, name: entry.address };
  // It is in quarantine already, and stays there until somebody accepts its current manifest.
  if (entry.heldIdentity !== undefined) return { entry: unnamed, happened };
  const { manifest: _, guidance: __, ...rest } = unnamed;
  return {
    entry: {
      ...rest,
      held: Object.fromEntries(rememberGone(entry, [])),
      heldGuidance: Object.fromEntries(goneGuidance(entry, {})),
    },
    happened,
  };
}
