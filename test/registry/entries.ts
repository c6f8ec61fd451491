/** Made-up entries of a registry. */

import type { Entry, Switch, Version } from '../../src/services/registry/entry.js';
import type { Manifest } from '../../src/services/registry/manifest/manifest.js';

const ADDED = '2026-01-01T00:00:00Z';
const BY = { user: 'ada' };

export function version(number: string, rest: Partial<Version> = {}): Version {
  return {
    version: number,
    description: `What ${number} does.`,
    url: 'https://mcp.example.com/mcp',
    publishedAt: ADDED,
    updatedAt: ADDED,
    ...rest,
  };
}

export function switched(enabled: boolean, at: string): Switch {
  return { enabled, by: BY, reason: 'it leaks', at };
}

type Told = Partial<Pick<Manifest, 'title' | 'version' | 'url'>>;

/** An entry that has a manifest; its address is made of its name. */
export function entry(name: string, told: Told = {}, rest: Partial<Entry> = {}): Entry {
  const manifest: Manifest = {
    name,
    version: '1.0.0',
    transport: 'StreamableHTTP',
    url: 'https://mcp.example.com/mcp',
    revisions: ['2025-11-25'],
    owner: 'Platform',
    slo: { availabilityPercent: 99, p99Ms: 500 },
    digest: '',
    tools: [],
    ...told,
  };
  return {
    address: `https://mcp.example.com/${name}/.well-known/mcp-capabilities`,
    name,
    addedAt: ADDED,
    addedBy: BY,
    manifest,
    held: {},
    toolSwitches: {},
    findings: [],
    versions: [version(manifest.version, { url: manifest.url })],
    changedAt: ADDED,
    seq: 1,
    ...rest,
  };
}

export function pendingEntry(name: string): Entry {
  const { manifest: _, ...rest } = entry(name);
  return { ...rest, versions: [] };
}
