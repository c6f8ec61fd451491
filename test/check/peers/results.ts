/** What the last published run found, as results.json keeps it, and what verdicts.json says about each finding. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countOf, type Report } from '../../../src/cli/check/report.js';
import { type Peer, pinnedVersion, SOURCE } from './peers.js';

export type Transport = 'http' | 'stdio';
/** `id` is the transcript that failed, or `traffic: CLAUSE` for what the rules of traffic found. */
export type FoundViolation = { id: string; level: 'MUST' | 'SHOULD'; clauses: string[] };
export type PeerResult = {
  peer: string;
  transport: Transport;
  version: string;
  revisions: string[];
  passed: number;
  errors: number;
  warnings: number;
  skipped: number;
  violations: FoundViolation[];
};
export type Results = { date: string; results: PeerResult[] };

/**
 * One finding, verified by hand against the text of its clauses. `received` has the deciding bytes and the peers that sent them, each
 * `NAME` over HTTP or `NAME stdio`.
 */
export type Verdict = {
  id: string;
  sentence: string;
  sent: string;
  received: { bytes: string; peers: string[] }[];
};

export const RESULTS_FILE = join(SOURCE, 'results.json');
export const VERDICTS_FILE = join(SOURCE, 'verdicts.json');
export const readResults = (): Results => JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results;
export const readVerdicts = (): Verdict[] => JSON.parse(readFileSync(VERDICTS_FILE, 'utf8')) as Verdict[];

export function resultOf(peer: Peer, transport: Transport, report: Report): PeerResult {
  const { passed, errors, warnings, skipped } = countOf(report);
  const failed = report.results.flatMap((result): FoundViolation[] => {
    if (result.kind !== 'failed') return [];
    const { severity, clauses } = result.failure;
    return [{ id: result.file, level: levelOf(severity), clauses: clauses.map(({ id }) => id) }];
  });
  const seen = report.findings.map(
    ({ severity, clause }): FoundViolation => ({
      id: `traffic: ${clause.id}`,
      level: levelOf(severity),
      clauses: [clause.id],
    }),
  );
  return {
    ...{ peer: peer.name, transport, version: pinnedVersion(peer), revisions: report.revisions },
    ...{ passed, errors, warnings, skipped, violations: [...failed, ...seen] },
  };
}

const levelOf = (severity: 'error' | 'warning'): 'MUST' | 'SHOULD' =>
  severity === 'error' ? 'MUST' : 'SHOULD';

/** As verdicts.json names a peer. */
export const placeOf = ({ peer, transport }: Pick<PeerResult, 'peer' | 'transport'>): string =>
  transport === 'http' ? peer : `${peer} stdio`;

/** Findings without a verdict, and verdicts about what was not found. */
export function compareVerdicts(
  { results }: Results,
  verdicts: readonly Verdict[],
): { open: string[]; stale: string[] } {
  const found = results.flatMap((result) => result.violations.map(({ id }) => `${id} on ${placeOf(result)}`));
  const judged = verdicts.flatMap(({ id, received }) =>
    received.flatMap(({ peers }) => peers.map((peer) => `${id} on ${peer}`)),
  );
  return {
    open: found.filter((one) => !judged.includes(one)),
    stale: judged.filter((one) => !found.includes(one)),
  };
}
