/**
 * One check of one server: its manifest, and then whether the server is what the manifest tells. Everything that is wrong
 * is a finding; a check never fails.
 */

import type { HttpFetch } from '../../outbound/guarded-fetch.js';
import type { Finding, Guidance, ObservedManifest } from '../entry.js';
import { digestOf } from '../manifest/digest.js';
import type { Manifest } from '../manifest/manifest.js';
import { drift } from './drift.js';
import { examine } from './examine.js';
import { finding, TOKEN_WITHHELD } from './findings.js';
import { duplicates, guidanceOf, withListed } from './listing.js';
import { fetchManifest, reasonOf } from './manifest.js';
import { checkMetadata } from './metadata.js';
import { isSameJson } from './same.js';
import { listServer, type McpListing, TokenRequired } from './speak.js';
import { NoToken, type Tokens, TokenWithheld } from './token.js';

export type CheckResult = {
  /** The valid manifest with what tools/list says, when it is not the known one. */
  manifest?: ObservedManifest;
  /** What it tells models beside its tools, when that could be read. */
  guidance?: Guidance;
  /** Whether a valid manifest is there, the known one or another. */
  reached: boolean;
  findings: readonly Finding[];
};

export type CheckOptions = {
  ask: HttpFetch;
  tokens: Tokens | undefined;
  /** Of the registry, for `clientInfo`. */
  version: string;
  /** For the whole check, milliseconds. */
  deadlineMs: number;
};

/** What is known of the server so far. */
export type CheckTarget = {
  address: string;
  manifest?: ObservedManifest | undefined;
  off: ReadonlySet<string>;
};

/** Of one server. */
const MAX_FINDINGS = 200;
/** Servers whose examination is remembered. */
const MAX_REMEMBERED = 20_000;

type LookedAt = { spoken?: McpListing; findings: readonly Finding[] };

export type Check = (known: CheckTarget) => Promise<CheckResult>;

export function createCheck({ ask, tokens, version, deadlineMs }: CheckOptions): Check {
  /** What was read once is not read again each minute. */
  const read = new Map<string, { of: string; findings: Finding[] }>();

  return async ({ address, manifest: known, off }) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const fetched = await fetchManifest(ask, address, known, signal);
    if (fetched.kind === 'none') return { reached: false, findings: fetched.findings };
    const fresh =
      fetched.kind === 'manifest' && fetched.manifest.digest !== known?.digest ? fetched.manifest : undefined;
    const told = fresh ?? known;
    if (told === undefined) return { reached: false, findings: [] };
    const metadata = await checkMetadata(ask, told, signal);
    const { spoken, findings: found } = await lookAt(told, signal);
    const manifest = withListed(told, known, spoken?.tools);
    const guidance = spoken && guidanceOf(spoken);
    const findings = [
      ...fetched.findings,
      ...examined(address, manifest, spoken, guidance),
      ...metadata,
      ...found,
      ...(spoken === undefined ? [] : compared(told, spoken, off).filter(isKnowable(found))),
    ];
    const isKnown = fresh === undefined && known !== undefined && isSameJson(known, manifest);
    return {
      reached: true,
      findings: bounded(findings),
      ...(guidance && { guidance }),
      ...(!isKnown && { manifest }),
    };
  };

  function examined(
    address: string,
    manifest: ObservedManifest,
    spoken: McpListing | undefined,
    guidance: Guidance | undefined,
  ): Finding[] {
    const declared = new Set(manifest.tools.map(({ name }) => name));
    const undeclared = (spoken?.tools ?? []).filter(({ name }) => !declared.has(String(name)));
    const digests = manifest.tools.map(({ digest }) => digest);
    const of = digestOf([manifest.digest, digests, guidance?.digest ?? null, undeclared]);
    const before = read.get(address);
    if (before?.of === of) return before.findings;
    const findings = examine(manifest, spoken);
    read.delete(address);
    read.set(address, { of, findings });
    for (const oldest of read.keys()) {
      if (read.size <= MAX_REMEMBERED) break;
      read.delete(oldest);
    }
    return findings;
  }

  /** What the server answers, and what stopped the registry from asking it, or from asking it with a token. */
  async function lookAt(manifest: Manifest, signal: AbortSignal): Promise<LookedAt> {
    let token: string | undefined;
    const withheld: Finding[] = [];
    try {
      token = manifest.auth && (await tokenFor(manifest.url, manifest.auth.issuers));
    } catch (error) {
      if (error instanceof NoToken) return { findings: [finding('no-token', error.message)] };
      if (!(error instanceof TokenWithheld)) throw error;
      withheld.push(finding(TOKEN_WITHHELD, `${error.message}; the server is asked without a token`));
    }
    try {
      return {
        spoken: await listServer(ask, new URL(manifest.url), { token, version, signal }),
        findings: withheld,
      };
    } catch (error) {
      // A server that refuses requests without a token behaves correctly.
      if (error instanceof TokenRequired && withheld.length > 0) return { findings: withheld };
      const why = finding('transport-unreachable', `${manifest.url}: ${reasonOf(error, signal)}`);
      return { findings: [...withheld, why] };
    }
  }

  function tokenFor(resource: string, issuers: readonly string[]): Promise<string> {
    if (tokens === undefined)
      throw new NoToken('the registry has no client of its own: see BAREWIRE_REGISTRY_CLIENT');
    return tokens.for(resource, issuers);
  }
}

function compared(manifest: Manifest, spoken: McpListing, off: ReadonlySet<string>): Finding[] {
  return [
    ...drift(manifest, spoken, off),
    ...duplicates(spoken),
    ...spoken.unread.slice(0, 10).map((why) => finding('list-unread', why)),
  ];
}

/** A server may show strangers fewer tools than its users: a tool that is missing without a token may exist with one. */
function isKnowable(found: readonly Finding[]): (one: Finding) => boolean {
  const isAnonymous = found.some(({ code }) => code === TOKEN_WITHHELD);
  return ({ code }) => !isAnonymous || code !== 'tool-missing';
}

/** What is worst is kept: a thousand tools with twenty findings each help nobody. */
function bounded(findings: readonly Finding[]): Finding[] {
  if (findings.length <= MAX_FINDINGS) return [...findings];
  const order = ['error', 'warning', 'info'];
  const sorted = [...findings].sort(
    (one, other) => order.indexOf(one.severity) - order.indexOf(other.severity),
  );
  const more = finding('more-findings', `there are ${findings.length - MAX_FINDINGS} more findings`);
  return [...sorted.slice(0, MAX_FINDINGS), more];
}
