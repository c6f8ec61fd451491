/**
 * Upgrades an entry of an earlier version, which followed redirects to other origins: the entry may have another server's
 * manifest and name. They are removed, because an entry cannot speak for another origin. Switches, history and accepted
 * tools stay.
 */
import { acceptedIdentity, type Entry, endpointOf } from './entry.js';
import { goneGuidance } from './guidance.js';
import type { StepResult } from './step.js';
import { goneTools } from './trust.js';

export function upgrade(entry: Entry): Extract<StepResult, { entry: Entry }> {
  const identity = acceptedIdentity(entry);
  const isDone =
    entry.name === entry.address && (entry.manifest === undefined || entry.heldIdentity !== undefined);
  if (identity === undefined || endpointOf(entry) !== undefined || isDone) return { entry, details: [] };
  const details = [{ kind: 'manifest-set-aside', url: identity.url } as const];
  const { manifest: _, guidance: __, ...rest } = entry;
  // It stays in quarantine until somebody accepts its current manifest.
  if (entry.heldIdentity !== undefined) return { entry: { ...entry, name: entry.address }, details };
  return {
    entry: {
      ...rest,
      name: entry.address,
      held: Object.fromEntries(goneTools(entry, [])),
      heldGuidance: goneGuidance(entry),
    },
    details,
  };
}
