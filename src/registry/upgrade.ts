/**
 * Entries as a version kept them that followed redirects to other origins: such an entry has another server's manifest, and maybe
 * its name. That is set aside: nobody speaks for another origin. Switches, history and what was accepted of tools stay.
 */
import { acceptedIdentity, type Entry, endpointOf } from './entry.js';
import { goneGuidance } from './guidance.js';
import type { Stepped } from './step.js';
import { rememberGone } from './trust.js';

export function upgraded(entry: Entry): Extract<Stepped, { entry: Entry }> {
  const accepted = acceptedIdentity(entry);
  const isDone =
    entry.name === entry.address && (entry.manifest === undefined || entry.heldIdentity !== undefined);
  if (accepted === undefined || endpointOf(entry) !== undefined || isDone) return { entry, happened: [] };
  const happened = [{ kind: 'manifest-set-aside', url: accepted.url } as const];
  const unnamed = { ...entry, name: entry.address };
  // In quarantine already, and there it stays until somebody accepts what it is now.
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
