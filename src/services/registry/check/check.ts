/**
 * One check of one server: its manifest, and then whether the server matches it. Every problem becomes a finding; a check
 * never fails.
 */
import { isDeepStrictEqual } from 'node:util';
import type { HttpFetch } from '../../outbound/guarded-fetch.js';
import type { Finding, Guidance, ObservedManifest } from '../entry.js';
import { digestOf } from '../manifest/digest.js';
import type { Manifest } from '../manifest/manifest.js';
import { drift } from './drift.js';
import { fetchManifest, reasonOf } from './fetch-manifest.js';
import { finding, TOKEN_WITHHELD } from './findings.js';
import { duplicates, guidanceOf, withListed } from './listing.js';
import { listServer, type McpListing, TokenRequired } from './mcp-client.js';
import { checkMetadata } from './metadata.js';
import { scanServer } from './scan.js';
import { NoToken, type Tokens, TokenWithheld } from './token.js';

export type CheckResult = {
  /** The valid manifest with what tools/list adds; absent when it equals the stored one. */
  manifest?: ObservedManifest;
  /** The server's texts for models, besides its tools; absent when they could not be read. */
  guidance?: Guidance;
  /** Whether there is a valid manifest. */
  reached: boolean;
  findings: readonly Finding[];
};

export type CheckOptions = {
  ask: HttpFetch;
  tokens: Tokens | undefined;
  /** The registry's version, for `clientInfo`. */
  version: string;
  /** For the whole check. */
  deadlineMs: number;
};

/** What is stored about the server. `off`: the tools that the registry has switched off. */
export type CheckTarget = {
  address: string;
  manifest?: ObservedManifest | undefined;
  off: ReadonlySet<string>;
};

const MAX_FINDINGS = 200;
const MAX_CACHED_SCANS = 20_000;
const SEVERITIES = ['error', 'warning', 'info'];

type Conversation = { listing?: McpListing; findings: readonly Finding[] };

export type Check = (target: CheckTarget) => Promise<CheckResult>;

export function createCheck({ ask, tokens, version, deadlineMs }: CheckOptions): Check {
  /** A text that has not changed is not scanned again. */
  const scans = new Map<string, { digest: string; findings: Finding[] }>();

  return async ({ address, manifest: storedManifest, off }) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const fetchResult = await fetchManifest(ask, address, storedManifest, signal);
    if (fetchResult.kind === 'none') return { reached: false, findings: fetchResult.findings };
    const isNew = fetchResult.kind === 'manifest' && fetchResult.manifest.digest !== storedManifest?.digest;
    const current = isNew ? fetchResult.manifest : storedManifest;
    if (current === undefined) return { reached: false, findings: [] };
    const metadataFindings = await checkMetadata(ask, current, signal);
    const { listing, findings: conversationFindings } = await converse(current, signal);
    const manifest = withListed(current, storedManifest, listing?.tools);
    const guidance = listing && guidanceOf(listing);
    const isAnonymous = conversationFindings.some(({ code }) => code === TOKEN_WITHHELD);
    const findings = [
      ...fetchResult.findings,
      ...scan(address, manifest, listing, guidance),
      ...metadataFindings,
      ...conversationFindings,
      ...(listing === undefined ? [] : compare(current, listing, off, isAnonymous)),
    ];
    return {
      reached: true,
      findings: limited(findings),
      ...(guidance && { guidance }),
      ...((isNew || !isDeepStrictEqual(storedManifest, manifest)) && { manifest }),
    };
  };

  function scan(
    address: string,
    manifest: ObservedManifest,
    listing: McpListing | undefined,
    guidance: Guidance | undefined,
  ): Finding[] {
    const manifestNames = new Set(manifest.tools.map(({ name }) => name));
    const undeclaredTools = (listing?.tools ?? []).filter(({ name }) => !manifestNames.has(String(name)));
    const toolDigests = manifest.tools.map(({ digest }) => digest);
    const digest = digestOf([manifest.digest, toolDigests, guidance?.digest ?? null, undeclaredTools]);
    const cachedScan = scans.get(address);
    if (cachedScan?.digest === digest) return cachedScan.findings;
    const findings = scanServer(manifest, listing);
    if (scans.size >= MAX_CACHED_SCANS) scans.clear();
    scans.set(address, { digest, findings });
    return findings;
  }

  /** What the server lists; and why the registry could not ask it, or could not ask with a token. */
  async function converse(manifest: Manifest, signal: AbortSignal): Promise<Conversation> {
    let token: string | undefined;
    const findings: Finding[] = [];
    try {
      token = manifest.auth && (await tokenFor(manifest.url, manifest.auth.issuers));
    } catch (error) {
      if (error instanceof NoToken) return { findings: [finding('no-token', error.message)] };
      if (!(error instanceof TokenWithheld)) throw error;
      findings.push(finding(TOKEN_WITHHELD, `${error.message}; the server is asked without a token`));
    }
    try {
      const listing = await listServer(ask, new URL(manifest.url), { token, version, signal });
      return { listing, findings };
    } catch (error) {
      // A server that refuses a request without a token behaves correctly.
      if (!(error instanceof TokenRequired && findings.length > 0))
        findings.push(finding('transport-unreachable', `${manifest.url}: ${reasonOf(error, signal)}`));
      return { findings };
    }
  }

  function tokenFor(resource: string, issuers: readonly string[]): Promise<string> {
    if (tokens === undefined)
      throw new NoToken('the registry has no client of its own: see BAREWIRE_REGISTRY_CLIENT');
    return tokens.for(resource, issuers);
  }
}

function compare(
  manifest: Manifest,
  listing: McpListing,
  off: ReadonlySet<string>,
  isAnonymous: boolean,
): Finding[] {
  // A server may show fewer tools without a token: a tool that is missing may exist.
  const differences = drift(manifest, listing, off).filter(
    ({ code }) => !isAnonymous || code !== 'tool-missing',
  );
  const unreadFindings = listing.unreadLists.slice(0, 10).map((reason) => finding('list-unread', reason));
  return [...differences, ...duplicates(listing), ...unreadFindings];
}

/** The most severe findings: nobody reads a thousand. */
function limited(findings: readonly Finding[]): Finding[] {
  if (findings.length <= MAX_FINDINGS) return [...findings];
  const bySeverity = findings.toSorted(
    (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
  );
  const more = finding('more-findings', `there are ${findings.length - MAX_FINDINGS} more findings`);
  return [...bySeverity.slice(0, MAX_FINDINGS), more];
}
