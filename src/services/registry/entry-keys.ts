/** The keys under which entries.ts finds an entry, and its words for the search. */
import { canonicalResource } from '../../oauth/audience.js';
import { acceptedIdentity, type Entry, endpointOf, serverState, toolState } from './entry.js';
import type { Indexed } from './search/search.js';

/** The names that people use for a server. */
export function shownNames(entry: Entry | undefined): string[] {
  const { name, title } = entry?.manifest ?? {};
  return [name, title].filter((one) => one !== undefined);
}

export function toolNames(entry: Entry | undefined): string[] {
  return (entry?.manifest?.tools ?? []).map(({ name }) => name);
}

export function claims(entry: Entry | undefined): string[] {
  const identity = entry && endpointOf(entry) !== undefined ? acceptedIdentity(entry) : undefined;
  return identity === undefined ? [] : [identity.name];
}

export function endpoints(entry: Entry | undefined): string[] {
  const endpoint = entry && endpointOf(entry);
  return endpoint === undefined ? [] : [endpoint];
}

export function heldEndpoints(entry: Entry | undefined): string[] {
  const { heldIdentity, manifest } = entry ?? {};
  const endpoint = heldIdentity && manifest && canonicalResource(manifest.url);
  return endpoint === undefined ? [] : [endpoint];
}

export function indexed(entry: Entry): Indexed {
  const { name, manifest, findings } = entry;
  return {
    name,
    ...(manifest?.title === undefined ? {} : { title: manifest.title }),
    ...(manifest === undefined ? {} : { owner: manifest.owner }),
    state: serverState(entry),
    failing: findings.some(({ severity }) => severity === 'error'),
    tools: (manifest?.tools ?? []).map((tool) => ({
      name: tool.name,
      ...(tool.title === undefined ? {} : { title: tool.title }),
      description: tool.description,
      scope: tool.scope,
      destructive: tool.destructive,
      state: toolState(entry, tool.name),
    })),
  };
}
