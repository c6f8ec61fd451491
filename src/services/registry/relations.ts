/** How an entry relates to the others: which of them speak for its endpoint, use its name, look like it, or share tool names. */
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

export type Relations = {
  /** Whether another entry has that name. */
  isTaken: (name: string) => boolean;
  /** Addresses of other entries that speak for that endpoint. */
  alsoSpeaking: (endpoint: string) => readonly string[];
  /** Endpoints of other servers whose accepted manifest has that name. */
  alsoCalled: (name: string) => readonly string[];
  /** Names of a few other servers that have a tool with that name. */
  alsoAt: (tool: string) => readonly string[];
  /** A few names and titles of other servers that look like that text but are spelled differently. */
  alike: (text: string) => readonly string[];
};

/** The result of a check, and how the other entries relate to it. */
export type Observation = Relations & {
  manifest?: ObservedManifest | undefined;
  guidance?: Guidance | undefined;
  findings: readonly Finding[];
  at: string;
};

/** A copy of a server with a thousand tools shares every name; a hundred findings are enough. */
const MAX_FINDINGS = 100;

/** Set when other entries speak for the same endpoint. */
export function endpointFinding(url: string, { alsoSpeaking }: Relations): Finding | undefined {
  const endpoint = canonicalResource(url);
  const others = endpoint === undefined ? [] : alsoSpeaking(endpoint);
  if (others.length === 0) return undefined;
  return finding('endpoint-taken', `the entry of ${others.join(', ')} speaks for ${url} as well`);
}

export function relationFindings({ manifest, heldIdentity, name }: Entry, relations: Relations): Finding[] {
  if (manifest === undefined) return [];
  const { isTaken, alsoCalled, alsoAt, alike } = relations;
  const findings = [endpointFinding(manifest.url, relations)].filter((one) => one !== undefined);
  if (heldIdentity !== undefined) {
    const current = describe(identityOf(manifest));
    const message = `expected the accepted identity, ${describe(heldIdentity)}; received ${current}`;
    findings.push(finding('identity-changed', message));
  }
  if (manifest.name !== name && isTaken(manifest.name))
    findings.push(finding('name-taken', `another server already has the name ${manifest.name}`));
  const claimants = manifest.name === name ? alsoCalled(name).slice(0, 3).join(', ') : '';
  if (claimants !== '')
    findings.push(finding('name-claimed', `another server calls itself ${name} too: ${claimants}`));
  const { title = '' } = manifest;
  for (const text of [manifest.name, title]) {
    // Titles may differ only in capitals; names that do are a trap.
    const others = alike(text).filter((one) => text !== title || one.toLowerCase() !== text.toLowerCase());
    if (text === '' || others.length === 0) continue;
    const message = `${preview(text)} looks like ${others.map(preview).join(', ')}, another server`;
    findings.push(finding('name-looks-alike', message));
  }
  for (const { name: tool } of manifest.tools) {
    if (findings.length >= MAX_FINDINGS) break;
    const others = alsoAt(tool).join(', ');
    if (others !== '')
      findings.push(finding('tool-name-shared', `${tool} is also a tool of ${others}`, tool));
  }
  return findings;
}

function describe({ name, url, owner, issuers }: Identity): string {
  return `${name} at ${url}, of ${owner}, with tokens of ${issuers.join(' or ') || 'nobody'}`;
}
