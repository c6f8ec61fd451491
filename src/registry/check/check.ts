/**
 * One check of one server: its manifest, and then whether the server is what the manifest tells. Everything that is wrong
 * is a finding; a check never fails.
 */

import type { Manifest } from '../../manifest/manifest.js';
import type { Ask } from '../../outbound/guarded-fetch.js';
import { sha256 } from '../../sha256.js';
import type { Finding } from '../entry.js';
import { drift } from './drift.js';
import { finding, suspicious } from './findings.js';
import { fetchManifest, reasonOf } from './manifest.js';
import { checkMetadata } from './metadata.js';
import { scanText, scanTool } from './scan.js';
import { speak } from './speak.js';
import { NoToken, type Tokens } from './token.js';

export type Checked = {
  /** The valid manifest, when it is not the known one. */
  manifest?: Manifest;
  /** Whether a valid manifest is there, the known one or another. */
  reached: boolean;
  findings: readonly Finding[];
};

export type CheckOptions = {
  ask: Ask;
  tokens: Tokens | undefined;
  /** Of the registry, for `clientInfo`. */
  version: string;
  /** For the whole check, milliseconds. */
  deadlineMs: number;
};

/** What is known of the server so far. */
export type Known = { address: string; manifest?: Manifest | undefined; off: ReadonlySet<string> };

export type Check = (known: Known) => Promise<Checked>;

export function createCheck({ ask, tokens, version, deadlineMs }: CheckOptions): Check {
  return async ({ address, manifest: known, off }) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const fetched = await fetchManifest(ask, address, known?.digest, signal, sha256);
    if (fetched.kind === 'none') return { reached: false, findings: fetched.findings };
    const fresh =
      fetched.kind === 'manifest' && fetched.manifest.digest !== known?.digest ? fetched.manifest : undefined;
    const manifest = fresh ?? known;
    if (manifest === undefined) return { reached: false, findings: [] };
    const findings = [
      ...fetched.findings,
      ...scan(manifest),
      ...(await checkMetadata(ask, manifest, signal)),
      ...(await checkRuntime(manifest, off, signal)),
    ];
    return { reached: true, findings, ...(fresh && { manifest: fresh }) };
  };

  async function checkRuntime(
    manifest: Manifest,
    off: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Finding[]> {
    try {
      const token = manifest.auth && (await tokenFor(manifest.url, manifest.auth.issuers));
      const spoken = await speak(ask, new URL(manifest.url), { token, version, signal });
      return drift(manifest, spoken, off, sha256);
    } catch (error) {
      if (error instanceof NoToken) return [finding('no-token', error.message)];
      return [finding('transport-unreachable', `${manifest.url}: ${reasonOf(error, signal)}`)];
    }
  }

  function tokenFor(resource: string, issuers: readonly string[]): Promise<string> {
    if (tokens === undefined)
      throw new NoToken('the registry has no client of its own: see --registry-client');
    return tokens.for(resource, issuers);
  }
}

function scan({ title = '', owner, tools }: Manifest): Finding[] {
  return [
    ...suspicious([...scanText('/title', title), ...scanText('/owner', owner)]),
    ...tools.flatMap((tool) => suspicious(scanTool(tool), tool.name)),
    // A client mends /tools/../switch to /switch before it is sent, and so would switch the whole server.
    ...tools
      .filter(({ name }) => name === '.' || name === '..')
      .map(({ name }) => finding('tool-unaddressable', `${name} leads to another address`, name)),
  ];
}
