/** The entries in memory, with indexes by address, name, endpoint, tool names and words. */

import { canonicalResource } from '../../oauth/audience.js';
import { skeletonOf } from './check/confusables.js';
import { type Entry, endpointOf } from './entry.js';
import { EntryIndex } from './entry-index.js';
import { claims, endpoints, heldEndpoints, indexed, shownNames, toolNames } from './entry-keys.js';
import { originManifestAddress } from './manifest/address.js';
import type { Search } from './search/search.js';

const MAX_OTHERS = 3;

export class Entries {
  readonly #entries = new Map<string, Entry>();
  readonly #names = new Map<string, string>();
  /** Tool to the addresses of the servers that have it. */
  readonly #tools = new EntryIndex();
  /** What a name or a title looks like, to the addresses of the servers that have it. */
  readonly #looks = new EntryIndex();
  /** Names in accepted manifests, whether or not the entry is listed under that name. */
  readonly #claims = new EntryIndex();
  /** Endpoints that entries speak for. */
  readonly #endpoints = new EntryIndex();
  /** Endpoints in manifests that wait for acceptance. */
  readonly #heldEndpoints = new EntryIndex();
  readonly #search: Search;
  /** Names in order: made when somebody asks, and again after they have changed. */
  #sorted: string[] | undefined;

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

  /** By the name that it goes by. */
  named(name: string): Entry | undefined {
    return this.#entries.get(this.#names.get(name) ?? '');
  }

  /**
   * The entries that speak for that MCP endpoint, first the one at the endpoint's own address. There is one unless two were added
   * at the same time.
   */
  atEndpoint(url: string): Entry[] {
    const all = this.#listed(this.#endpoints.get(url));
    return all.sort((one, other) => other.address.length - one.address.length);
  }

  /**
   * The entries whose switches apply to that MCP endpoint: those that speak for it, or else those in quarantine that claim it. An
   * entry of an origin that does not name its endpoint yet may belong to this one.
   */
  switching(url: string): Entry[] {
    if (!URL.canParse(url)) return [];
    const own = this.atEndpoint(url);
    const all = own.length > 0 ? own : this.#listed(this.#heldEndpoints.get(url));
    const ofOrigin = this.at(originManifestAddress(new URL(url)));
    const isOpen = ofOrigin !== undefined && endpointOf(ofOrigin) === undefined;
    const hasSwitches =
      isOpen && (ofOrigin.switch !== undefined || Object.keys(ofOrigin.toolSwitches).length > 0);
    return hasSwitches ? [...all, ofOrigin] : all;
  }

  /**
   * Finds an entry by its name, by its address, under which it was listed before its name was known, or by the URL of its
   * endpoint.
   */
  find(text: string): Entry | undefined {
    const endpoint = canonicalResource(text);
    return (
      this.named(text) ?? this.at(text) ?? (endpoint === undefined ? undefined : this.atEndpoint(endpoint)[0])
    );
  }

  /** All entries whose accepted manifest has that name; with two, the name is ambiguous. */
  calledBy(name: string): Entry[] {
    return this.#listed(this.#claims.get(name));
  }

  #listed(addresses: Iterable<string>): Entry[] {
    return [...addresses].flatMap((address) => this.#entries.get(address) ?? []);
  }

  /** Whether an entry with another address goes by that name. */
  taken(name: string, address: string): boolean {
    return (this.#names.get(name) ?? address) !== address;
  }

  /** In the order of their names, those after `name`. */
  after(name: string, limit: number): Entry[] {
    this.#sorted ??= [...this.#names.keys()].sort();
    const first = firstAfter(this.#sorted, name);
    return this.#sorted.slice(first, first + limit).flatMap((one) => this.named(one) ?? []);
  }

  /** Names of a few other servers that have a tool of that name. */
  alsoAt(tool: string, address: string): string[] {
    const others: string[] = [];
    for (const one of this.#tools.get(tool)) {
      if (one !== address) others.push(this.#entries.get(one)?.name ?? one);
      if (others.length === MAX_OTHERS) break;
    }
    return others;
  }

  /** Names and titles of a few other servers that are written otherwise than `text` and look the same. */
  alike(text: string, address: string): string[] {
    const others = new Set<string>();
    for (const one of this.#looks.get(skeletonOf(text))) {
      const entry = this.#entries.get(one);
      if (one === address || entry === undefined) continue;
      for (const shown of shownNames(entry))
        if (shown !== text && skeletonOf(shown) === skeletonOf(text)) others.add(shown);
      if (others.size >= MAX_OTHERS) break;
    }
    return [...others].slice(0, MAX_OTHERS);
  }

  /** Undefined takes it away; one that is older than what is here changes nothing. */
  place(address: string, entry: Entry | undefined): void {
    const before = this.#entries.get(address);
    if (before !== undefined && before.seq > (entry?.seq ?? Number.POSITIVE_INFINITY)) return;
    if (before !== undefined && before.name !== entry?.name) {
      this.#search.remove(before.name);
      if (this.#names.get(before.name) === address) this.#names.delete(before.name);
    }
    if (before?.name !== entry?.name) this.#sorted = undefined;
    if (before?.manifest !== entry?.manifest) {
      this.#tools.remove(toolNames(before), address);
      this.#tools.put(toolNames(entry), address);
      this.#looks.remove(shownNames(before).map(skeletonOf), address);
      this.#looks.put(shownNames(entry).map(skeletonOf), address);
    }
    this.#claims.remove(claims(before), address);
    this.#claims.put(claims(entry), address);
    this.#endpoints.remove(endpoints(before), address);
    this.#endpoints.put(endpoints(entry), address);
    this.#heldEndpoints.remove(heldEndpoints(before), address);
    this.#heldEndpoints.put(heldEndpoints(entry), address);
    if (entry === undefined) {
      this.#entries.delete(address);
      return;
    }
    this.#entries.set(address, entry);
    this.#names.set(entry.name, address);
    this.#search.put(indexed(entry));
  }
}

function firstAfter(all: readonly string[], name: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] ?? '') <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}
