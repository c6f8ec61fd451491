/** What an entry has to do with the others: who speaks for its endpoint, goes by its name, looks like it, or has tools by the same names. */
import { canonicalResource } from '../auth/audience.js';
import { preview } from '../value.js';
import { finding } from './check/findings.js';
import {
  type Entry,
  type Finding,
  type Guidance,
  type Identity,
  identityOf,
  type SeenManifest,
} from './entry.js';

/** What a check has found, and what the other entries have to do with it. */
export type Seen = {
  manifest?: SeenManifest | undefined;
  /** What the server tells models beside its tools; undefined: it could not be read. */
  guidance?: Guidance | undefined;
  findings: readonly Finding[];
  /** Whether another entry goes by that name. */
  taken: (name: string) => boolean;
  /** Addresses of other entries that speak for that endpoint. */
  alsoSpeaking: (endpoint: string) => readonly string[];
  /** Where other servers are whose accepted manifest tells that name. */
  alsoCalled: (name: string) => readonly string[];
  /** Names of other servers that have a tool of that name, some of them. */
  alsoAt: (tool: string) => readonly string[];
  /** Names and titles of other servers that look like that text and are written otherwise, some of them. */
  alike: (text: string) => readonly string[];
  at: string;
};

/** Addresses of the others that speak for that endpoint. */
export function speaking(url: string, { alsoSpeaking }: Seen): readonly string[] {
  const endpoint = canonicalResource(url);
  return endpoint === undefined ? [] : alsoSpeaking(endpoint);
}

export function endpointTaken(url: string, others: readonly string[]): Finding {
  return finding('endpoint-taken', `the entry of ${others.join(', ')} speaks for ${url} as well`);
}

/** A copy of a server with a thousand tools shares every name: a hundred findings say so as well. */
const MAX_RELATIONS = 100;

/** Findings that are about an entry among the others. */
export function relations({ manifest, heldIdentity, name }: Entry, seen: Seen): Finding[] {
  if (manifest === undefined) return [];
  const { taken, alsoCalled, alsoAt, alike } = seen;
  const found: Finding[] = [];
  const others = speaking(manifest.url, seen);
  if (others.length > 0) found.push(endpointTaken(manifest.url, others));
  if (heldIdentity !== undefined) {
    const now = identityOf(manifest);
    found.push(
      finding('identity-changed', `accepted was ${told(heldIdentity)}; the manifest tells of ${told(now)}`),
    );
  }
  if (manifest.name !== name && taken(manifest.name)) {
    found.push(finding('name-taken', `another server goes by the name ${manifest.name} already`));
  }
  const called = manifest.name === name ? alsoCalled(name) : [];
  if (called.length > 0)
    found.push(
      finding('name-claimed', `another server calls itself ${name} too: ${called.slice(0, 3).join(', ')}`),
    );
  const { title = '' } = manifest;
  for (const text of [manifest.name, title]) {
    // Two servers may write the same title with other capitals; a name that differs only by those is a trap.
    const others = alike(text).filter((one) => text !== title || one.toLowerCase() !== text.toLowerCase());
    if (text !== '' && others.length > 0)
      found.push(
        finding(
          'name-looks-alike',
          `${preview(text)} looks like ${others.map(preview).join(', ')}, another server`,
        ),
      );
  }
  for (const { name: tool } of manifest.tools) {
    if (found.length >= MAX_RELATIONS) break;
    const others = alsoAt(tool);
    if (others.length > 0)
      found.push(finding('tool-name-shared', `${tool} is also a tool of ${others.join(', ')}`, tool));
  }
  return found;
}

function told({ name, url, owner, issuers }: Identity): string {
  return `${name} at ${url}, of ${owner}, with tokens of ${issuers.join(' or ') || 'nobody'}`;
}
