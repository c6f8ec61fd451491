/**
 * How an entry relates to the others: which of them speak for its endpoint, use its name, look like it, or have tools with the
 * same names.
 */
import { canonicalResource } from '../../oauth/audience.js';
import { preview } from '../../wire/value.js';
import { finding } from './check/findings.js';
import {
  type Entry,
  type Finding,
  type Guidance,
  type Identity,
  identityOf,
  type ObservedManifest,
} from './entry.js';

/** The result of a check, and how the other entries relate to it. */
export type Observation = {
  manifest?: ObservedManifest | undefined;
  /** The server's instructions to models, beside its tools; undefined when they could not be read. */
  guidance?: Guidance | undefined;
  findings: readonly Finding[];
  /** Whether another entry has that name. */
  taken: (name: string) => boolean;
  /** Addresses of other entries that speak for that endpoint. */
  alsoSpeaking: (endpoint: string) => readonly string[];
  /** Addresses of other servers whose accepted manifest has that name. */
  alsoCalled: (name: string) => readonly string[];
  /** Names of some other servers that have a tool with that name. */
  alsoAt: (tool: string) => readonly string[];
  /** Some names and titles of other servers that look like that text but are spelled differently. */
  alike: (text: string) => readonly string[];
  at: string;
};

/** Addresses of the other entries that speak for that endpoint. */
export function speaking(url: string, { alsoSpeaking }: Observation): readonly string[] {
  const endpoint = canonicalResource(url);
  return endpoint === undefined ? [] : alsoSpeaking(endpoint);
}

export function endpointTaken(url: string, others: readonly string[]): Finding {
  return finding('endpoint-taken', `the entry of ${others.join(', ')} speaks for ${url} as well`);
}

/** A copy of a server with a thousand tools shares every name; a hundred findings say enough. */
const MAX_RELATIONS = 100;

/** Findings about an entry in relation to the others. */
export function relations({ manifest, heldIdentity, name }: Entry, seen: Observation): Finding[] {
  if (manifest === undefined) return [];
  const { taken, alsoCalled, alsoAt, alike } = seen;
  const found: Finding[] = [];
  const others = speaking(manifest.url, seen);
  if (others.length > 0) found.push(endpointTaken(manifest.url, others));
  if (heldIdentity !== undefined) {
    const now = identityOf(manifest);
    found.push(
      finding(
        'identity-changed',
        `expected the accepted identity, ${told(heldIdentity)}; received ${told(now)}`,
      ),
    );
  }
  if (manifest.name !== name && taken(manifest.name)) {
    found.push(finding('name-taken', `another server already has the name ${manifest.name}`));
  }
  const called = manifest.name === name ? alsoCalled(name) : [];
  if (called.length > 0)
    found.push(
      finding('name-claimed', `another server calls itself ${name} too: ${called.slice(0, 3).join(', ')}`),
    );
  const { title = '' } = manifest;
  for (const text of [manifest.name, title]) {
    // Two servers may have titles that differ only in capitals; names that differ only in capitals are a trap.
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
