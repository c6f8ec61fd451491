/** An index from keys of entries (a name, a tool, an endpoint) to the addresses of the entries that have them. */
import { canonicalResource } from '../../oauth/audience.js';
import { skeletonOf } from './check/confusables.js';
import { acceptedIdentity, type Entry, endpointOf } from './entry.js';

export class EntryIndex {
  readonly #addresses = new Map<string, Set<string>>();

  constructor(readonly keysOf: (entry: Entry) => readonly string[]) {}

  get(key: string): Iterable<string> {
    return this.#addresses.get(key) ?? [];
  }

  replace(before: Entry | undefined, after: Entry | undefined): void {
    for (const key of before === undefined ? [] : this.keysOf(before)) {
      const addresses = this.#addresses.get(key);
      addresses?.delete(before?.address ?? '');
      if (addresses?.size === 0) this.#addresses.delete(key);
    }
    if (after === undefined) return;
    for (const key of this.keysOf(after)) {
      const addresses = this.#addresses.get(key) ?? new Set();
      this.#addresses.set(key, addresses.add(after.address));
    }
  }
}

/** The names that people use for a server. */
export function displayNames({ manifest }: Entry): string[] {
  return [manifest?.name, manifest?.title].filter((one) => one !== undefined);
}

export function displaySkeletons(entry: Entry): string[] {
  return displayNames(entry).map(skeletonOf);
}

export function toolNames({ manifest }: Entry): string[] {
  return (manifest?.tools ?? []).map(({ name }) => name);
}

/** The name in the accepted manifest, whether or not the entry is listed under it. */
export function claimedNames(entry: Entry): string[] {
  const identity = endpointOf(entry) === undefined ? undefined : acceptedIdentity(entry);
  return identity === undefined ? [] : [identity.name];
}

/** The endpoint that the entry speaks for. */
export function endpoints(entry: Entry): string[] {
  const endpoint = endpointOf(entry);
  return endpoint === undefined ? [] : [endpoint];
}

/** The endpoint in a manifest that waits for acceptance. */
export function heldEndpoints({ heldIdentity, manifest }: Entry): string[] {
  const endpoint = heldIdentity && manifest && canonicalResource(manifest.url);
  return endpoint === undefined ? [] : [endpoint];
}
