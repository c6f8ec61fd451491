/**
 * The name by which a server goes in the API of the official registry: a namespace, which is a domain name in reverse,
 * a slash, and a name. Not every manifest has such a name, so one is made of where the server is.
 *
 * @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/api/openapi.yaml
 */
import { type Entry, type Identity, identityOf, type ObservedManifest } from '../entry.js';

/** An entry that can be shown: it has a manifest, and a name that no other has. */
export type NamedEntry = { name: string; entry: Entry; manifest: ObservedManifest; identity: Identity };

const OFFICIAL = /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/;
const MAX_NAME = 200;
const IP_V4 = /^\d+(\.\d+){3}$/;

/** Sorted by name, as code units compare. */
export function nameEntries(entries: readonly Entry[]): NamedEntry[] {
  const shown = entries.flatMap((entry) => {
    const { manifest, heldIdentity } = entry;
    // In quarantine a server goes by what was accepted: a name that it took since is not yet its own.
    return manifest === undefined
      ? []
      : [{ entry, manifest, identity: heldIdentity ?? identityOf(manifest) }];
  });
  // Whoever is known here by the name it claims comes before those that claim it too; then the order never changes.
  const own = ({ entry, identity }: Omit<NamedEntry, 'name'>): number =>
    entry.name === identity.name ? 0 : 1;
  shown.sort((left, right) => own(left) - own(right) || (left.entry.address < right.entry.address ? -1 : 1));
  const taken = new Map<string, NamedEntry>();
  for (const one of shown) {
    const { entry, identity } = one;
    const claimed = own(one) === 0 ? officialName(identity) : derived(identity.url, lastOf(identity.name));
    // The address is nobody else's.
    const name = taken.has(claimed) ? derived(identity.url, entry.address) : claimed;
    if (!taken.has(name)) taken.set(name, { name, ...one });
  }
  return [...taken.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * A name with a slash stays as it is, but for characters that may not be in a namespace. To any other the host of its
 * URL is the namespace: `jira` at `mcp.example.com` is `com.example.mcp/jira`, and at `localhost` it is `localhost/jira`.
 */
export function officialName({ name, url }: Pick<Identity, 'name' | 'url'>): string {
  if (OFFICIAL.test(name) && name.length <= MAX_NAME) return name;
  const slash = name.indexOf('/');
  return slash < 0 ? derived(url, name) : joined(name.slice(0, slash), name.slice(slash + 1));
}

function derived(url: string, name: string): string {
  return joined(namespaceOf(new URL(url).hostname), name);
}

/** An address is no path through domains, so it is not turned round; of one with colons they become hyphens. */
export function namespaceOf(host: string): string {
  if (host.startsWith('[')) return host.slice(1, -1).replaceAll(':', '-');
  if (IP_V4.test(host)) return host;
  return host.split('.').filter(Boolean).reverse().join('.');
}

function joined(namespace: string, name: string): string {
  const room = MAX_NAME / 2;
  const before = namespace.replace(/[^a-zA-Z0-9.-]/g, '-').slice(0, room) || '-';
  // The end of a name that is too long tells more than its beginning: of an address that is the path.
  return `${before}/${name.replace(/[^a-zA-Z0-9._-]+/g, '-').slice(before.length + 1 - MAX_NAME) || '-'}`;
}

function lastOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
