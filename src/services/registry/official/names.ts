/**
 * A server's name in the API of the official registry: a namespace, which is a reversed domain name, a slash, and a name.
 * When the manifest has no such name, one is derived from the server's URL.
 *
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/api/openapi.yaml
 */
import { acceptedIdentity, type Entry, type Identity, type ObservedManifest } from '../entry.js';

/** An entry with a manifest, and with a name that no other entry has. */
export type NamedEntry = { name: string; entry: Entry; manifest: ObservedManifest; identity: Identity };

const OFFICIAL = /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/;
const MAX_NAME = 200;
const IP_V4 = /^\d+(\.\d+){3}$/;

/** Sorted by name, as code units compare. */
export function nameEntries(entries: readonly Entry[]): NamedEntry[] {
  const candidates = entries.flatMap((entry) => {
    const { manifest } = entry;
    // In quarantine a server keeps its accepted name.
    const identity = acceptedIdentity(entry);
    return manifest === undefined || identity === undefined ? [] : [{ entry, manifest, identity }];
  });
  // An entry that is listed under the name it claims comes first; among the others the address decides.
  const rank = ({ entry, identity }: Omit<NamedEntry, 'name'>) => (entry.name === identity.name ? 0 : 1);
  candidates.sort(
    (left, right) => rank(left) - rank(right) || (left.entry.address < right.entry.address ? -1 : 1),
  );
  const byName = new Map<string, NamedEntry>();
  for (const candidate of candidates) {
    const { entry, identity } = candidate;
    const lastPart = identity.name.slice(identity.name.indexOf('/') + 1);
    const claimedName = rank(candidate) === 0 ? officialName(identity) : deriveName(identity.url, lastPart);
    // The address is unique.
    const name = byName.has(claimedName) ? deriveName(identity.url, entry.address) : claimedName;
    if (!byName.has(name)) byName.set(name, { name, ...candidate });
  }
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * A name with a slash stays, except for characters that a namespace must not contain. Any other name gets the reversed host
 * as its namespace: `jira` at `mcp.example.com` is `com.example.mcp/jira`, and at `localhost` it is `localhost/jira`.
 */
export function officialName({ name, url }: Pick<Identity, 'name' | 'url'>): string {
  if (OFFICIAL.test(name) && name.length <= MAX_NAME) return name;
  const slash = name.indexOf('/');
  return slash < 0 ? deriveName(url, name) : joinName(name.slice(0, slash), name.slice(slash + 1));
}

function deriveName(url: string, name: string): string {
  return joinName(namespaceOf(new URL(url).hostname), name);
}

/** An IP address is not reversed, and its colons become hyphens. */
export function namespaceOf(host: string): string {
  if (host.startsWith('[')) return host.slice(1, -1).replaceAll(':', '-');
  if (IP_V4.test(host)) return host;
  return host.split('.').filter(Boolean).reverse().join('.');
}

function joinName(namespace: string, name: string): string {
  const room = MAX_NAME / 2;
  const before = namespace.replace(/[^a-zA-Z0-9.-]/g, '-').slice(0, room) || '-';
  // A long name loses its beginning: the end of an address is the path, which says more.
  return `${before}/${name.replace(/[^a-zA-Z0-9._-]+/g, '-').slice(before.length + 1 - MAX_NAME) || '-'}`;
}
