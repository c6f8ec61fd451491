/** The entries in memory, indexed by address, name, endpoint, tool names and words. */
import { canonicalResource } from '../../oauth/audience.js';
import { skeletonOf } from './check/confusables.js';
import { type Entry, endpointOf, serverState, toolState } from './entry.js';
import {
  claimedNames,
  displayNames,
  displaySkeletons,
  EntryIndex,
  endpoints,
  heldEndpoints,
  toolNames,
} from './entry-index.js';
import { originManifestAddress } from './manifest/address.js';
import type { Relations } from './relations.js';
import type { Indexed, Search } from './search/types.js';

const MAX_OTHERS = 3;

export class Entries {
  readonly #entries = new Map<string, Entry>();
  /** Names to addresses. */
  readonly #names = new Map<string, string>();
  readonly #tools = new EntryIndex(toolNames);
  readonly #skeletons = new EntryIndex(displaySkeletons);
  readonly #claims = new EntryIndex(claimedNames);
  readonly #endpoints = new EntryIndex(endpoints);
  readonly #heldEndpoints = new EntryIndex(heldEndpoints);
  readonly #search: Search;
  /** Built on demand; undefined after a name has changed. */
  #sortedNames: string[] | undefined;

  constructor(search: Search) {
    this.#search = search;
  }

  get size(): number {
    return this.#entries.size;
  }

  at(address: string): Entry | undefined {
    return this.#entries.get(address);
  }

  addresses(): Iterable<string> {
    return this.#entries.keys();
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  byName(name: string): Entry | undefined {
    return this.#entries.get(this.#names.get(name) ?? '');
  }

  /**
   * The entries that speak for that MCP endpoint, the one at the endpoint's own address first. There is one unless two were
   * added at the same time.
   */
  atEndpoint(url: string): Entry[] {
    const entries = this.#entriesAt(this.#endpoints.get(url));
    return entries.sort((one, other) => other.address.length - one.address.length);
  }

  /**
   * The entries whose switches apply to that MCP endpoint: those that speak for it, or else those in quarantine that claim it. An
   * origin's entry that names no endpoint yet may belong to this one, so its switches apply too.
   */
  switching(url: string): Entry[] {
    if (!URL.canParse(url)) return [];
    const speaking = this.atEndpoint(url);
    const entries = speaking.length > 0 ? speaking : this.#entriesAt(this.#heldEndpoints.get(url));
    const ofOrigin = this.at(originManifestAddress(new URL(url)));
    if (ofOrigin === undefined || endpointOf(ofOrigin) !== undefined) return entries;
    const hasSwitches = ofOrigin.switch !== undefined || Object.keys(ofOrigin.toolSwitches).length > 0;
    return hasSwitches ? [...entries, ofOrigin] : entries;
  }

  /** By its name; by its address, which was its name before the manifest was read; or by its endpoint's URL. */
  find(text: string): Entry | undefined {
    const endpoint = canonicalResource(text);
    const entries = endpoint === undefined ? [] : this.atEndpoint(endpoint);
    return this.byName(text) ?? this.at(text) ?? entries[0];
  }

  /** All entries whose accepted manifest has that name; with two, the name is ambiguous. */
  claiming(name: string): Entry[] {
    return this.#entriesAt(this.#claims.get(name));
  }

  #entriesAt(addresses: Iterable<string>): Entry[] {
    return [...addresses].flatMap((address) => this.#entries.get(address) ?? []);
  }

  /** Whether an entry with another address has that name. */
  taken(name: string, address: string): boolean {
    return (this.#names.get(name) ?? address) !== address;
  }

  /** The entries whose names follow `name`, in order. */
  after(name: string, limit: number): Entry[] {
    this.#sortedNames ??= [...this.#names.keys()].sort();
    const first = firstAfter(this.#sortedNames, name);
    return this.#sortedNames.slice(first, first + limit).flatMap((one) => this.byName(one) ?? []);
  }

  /** How the entry at that address relates to the others. */
  relationsOf(address: string): Relations {
    const others = (entries: Entry[]) => entries.filter((one) => one.address !== address);
    return {
      isTaken: (name) => this.taken(name, address),
      alsoSpeaking: (endpoint) => others(this.atEndpoint(endpoint)).map((one) => one.address),
      alsoCalled: (name) => others(this.claiming(name)).map((one) => endpointOf(one) ?? one.address),
      alsoAt: (tool) => this.#alsoAt(tool, address),
      alike: (text) => this.alike(text, address),
    };
  }

  #alsoAt(tool: string, address: string): string[] {
    const names: string[] = [];
    for (const one of this.#tools.get(tool)) {
      if (one !== address) names.push(this.#entries.get(one)?.name ?? one);
      if (names.length === MAX_OTHERS) break;
    }
    return names;
  }

  /** A few names and titles of other servers that look like `text` and are spelled differently. */
  alike(text: string, address: string): string[] {
    const skeleton = skeletonOf(text);
    const texts = new Set<string>();
    for (const one of this.#skeletons.get(skeleton)) {
      const entry = this.#entries.get(one);
      if (one === address || entry === undefined) continue;
      for (const name of displayNames(entry))
        if (name !== text && skeletonOf(name) === skeleton) texts.add(name);
      if (texts.size >= MAX_OTHERS) break;
    }
    return [...texts].slice(0, MAX_OTHERS);
  }

  /** Undefined removes the entry; an entry that is older than the present one changes nothing. */
  place(address: string, entry: Entry | undefined): void {
    const before = this.#entries.get(address);
    if (before !== undefined && before.seq > (entry?.seq ?? Number.POSITIVE_INFINITY)) return;
    if (before?.name !== entry?.name) this.#sortedNames = undefined;
    if (before !== undefined && before.name !== entry?.name) {
      this.#search.remove(before.name);
      if (this.#names.get(before.name) === address) this.#names.delete(before.name);
    }
    // All keys follow from these two.
    if (
      before?.manifest !== entry?.manifest ||
      before?.heldIdentity !== entry?.heldIdentity ||
      !entry ||
      !before
    )
      for (const index of [this.#tools, this.#skeletons, this.#claims, this.#endpoints, this.#heldEndpoints])
        index.replace(before, entry);
    if (entry === undefined) {
      this.#entries.delete(address);
      return;
    }
    this.#entries.set(address, entry);
    this.#names.set(entry.name, address);
    this.#search.put(searchDocument(entry));
  }
}

function firstAfter(sortedNames: readonly string[], name: string): number {
  let [low, high] = [0, sortedNames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortedNames[middle] ?? '') <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}

function searchDocument(entry: Entry): Indexed {
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
