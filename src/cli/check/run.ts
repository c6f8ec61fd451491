/** One check from beginning to end: discover, then play every transcript that applies, stage by stage. */
import { type Era, MODERN, type Revision } from '../../wire/revisions.js';
import { CheckError, type Connection, type PlayedExchange } from './connection.js';
import { type Discovery, discover, openSession } from './discover.js';
import { hiddenClauses } from './lists.js';
import { type Facts, obstacleTo, offerFor } from './needs.js';
import { asStdio, type PlayOutcome, playEntry } from './play.js';
import type { Failure, Finding, Report, Result } from './report.js';
import { StdioConnection } from './stdio.js';
import type { Entry } from './transcripts.js';
import { type Call, type ChosenCall, chooseCall, metadataPath, valuesFor } from './values.js';

export type Plan = {
  eras: readonly Era[];
  /** What a handshake proposes. */
  proposal: Revision;
  entries: readonly Entry[];
  chosenCall: ChosenCall | undefined;
  loopback: boolean;
  mayBeHostile: boolean;
  signal: AbortSignal;
  pace(): Promise<void>;
  onExchange(exchange: PlayedExchange): void;
  /** Called when the server is known, and with each result. */
  discovered?(discovery: Discovery, call: Report['tool']): void;
  finished?(result: Result): void;
  findings(): Finding[];
};

/** @throws CheckError if there is nothing to check; the signal's reason when it is aborted */
export async function runCheck(connection: Connection, plan: Plan): Promise<Report> {
  const discovery = await discover(connection, plan.eras, plan.proposal);
  const calls = new Map<Era, Call | { none: string }>(
    discovery.offers.map((offer) => [offer.era, chooseCall(offer, plan.chosenCall)]),
  );
  const { transport, session, url } = connection;
  const facts: Facts = { ...plan, transport, session, url, discovery, calls };
  const tool = toolOf(calls);
  plan.discovered?.(discovery, tool);
  const results: Result[] = [];
  let gone = false;
  for (const entry of plan.entries) {
    plan.signal.throwIfAborted();
    if (
      transport === 'stdio' ? asStdio(entry.transcript) === undefined : entry.transcript.transport === 'stdio'
    )
      continue;
    const { file, stage, transcript } = entry;
    const about = { file, stage, title: transcript.title, era: transcript.era, clauses: transcript.clauses };
    const reason: string | undefined = gone ? 'the server no longer answers' : obstacleTo(entry, facts);
    const result: Result =
      reason === undefined
        ? { ...about, ...toResult(await playOne(entry, connection, facts, plan)) }
        : { ...about, kind: 'skipped', reason };
    results.push(result);
    gone ||= result.kind === 'failed' && hasNoAnswer(result.failure) && !(await answers(connection, facts));
    plan.finished?.(result);
  }
  return {
    target: connection.url?.href ?? 'stdio',
    offers: discovery.offers,
    revisions: discovery.revisions,
    tool,
    results,
    findings: plan.findings().filter((finding) => isNews(finding, results, discovery)),
    unobservable: hiddenClauses().length,
  };
}

function isLate(outcome: PlayOutcome): boolean {
  return (
    outcome.kind !== 'passed' &&
    outcome.failure.differences.some((one) => 'problem' in one && /did not come within/.test(one.problem))
  );
}

/** Whether nothing came at all. One such failure is about its transcript, or the first of very many. */
function hasNoAnswer({ differences }: Failure): boolean {
  return differences.some((mistake) => 'problem' in mistake);
}

async function answers(connection: Connection, { discovery }: Facts): Promise<boolean> {
  const [offer] = discovery.offers;
  if (offer === undefined) return true;
  const { era, revision } = offer;
  try {
    await connection.ask({ era, revision, method: era === 'modern' ? 'server/discover' : 'ping' });
    return true;
  } catch (error) {
    if (error instanceof CheckError) return false;
    throw error;
  }
}

/** Whether an implementation is new cannot be seen. */
const UNJUDGED = ['2026-07-28/basic/018'];
/** Asked of servers that speak no older revision, for which these headers have a meaning. */
const OF_ONE_ERA = ['082', '083', '084'].map((number) => `2026-07-28/streamable-http/${number}`);

/**
 * Whether a finding says what no transcript has said, about a revision that the server speaks: what it answers to a question of
 * the other era shows nothing but that.
 */
function isNews({ clause }: Finding, results: readonly Result[], { offers }: Discovery): boolean {
  const era = clause.id.startsWith(MODERN) || clause.id.startsWith('ext-') ? 'modern' : 'legacy';
  if (UNJUDGED.includes(clause.id)) return false;
  const isKnown = results.some(
    (result) => result.kind === 'failed' && result.failure.clauses.some(({ id }) => id === clause.id),
  );
  const alone = offers.length === 1 || !OF_ONE_ERA.includes(clause.id);
  return !isKnown && alone && offers.some((offer) => offer.era === era);
}

function toolOf(calls: Facts['calls']): Report['tool'] {
  const all = [...calls.values()];
  const call = all.find((one): one is Call => 'tool' in one);
  if (call !== undefined) return { name: String(call.tool.name), arguments: call.arguments };
  return {
    none: all.flatMap((one) => ('none' in one ? [one.none] : []))[0] ?? 'the server granted no access',
  };
}

function toResult(outcome: PlayOutcome) {
  if (outcome.kind === 'passed') return { kind: 'passed' as const };
  if (outcome.kind === 'failed') return { kind: 'failed' as const, failure: outcome.failure };
  return { kind: 'skipped' as const, reason: `it did not get that far: ${outcome.reason}` };
}

async function playOne(entry: Entry, connection: Connection, facts: Facts, plan: Plan): Promise<PlayOutcome> {
  let { outcome, statuses } = await playOnce(entry, connection, facts, plan);
  // One late answer may be the fault of a busy machine.
  if (isLate(outcome)) ({ outcome, statuses } = await playOnce(entry, connection, facts, plan));
  if (outcome.kind === 'astray' && entry.stage === 'hostile-input')
    return afterwards(outcome, connection, facts);
  const lost =
    connection.session !== undefined && entry.transcript.era === 'legacy' && statuses.includes('404');
  // A server may end a session at any time; then the transcript gets another chance in a new one.
  if (!lost || outcome.kind === 'passed') return outcome;
  await openSession(connection, plan.proposal);
  return (await playOnce(entry, connection, facts, plan)).outcome;
}

async function playOnce(entry: Entry, connection: Connection, facts: Facts, plan: Plan) {
  const { pace, onExchange } = plan;
  const offer = offerFor(entry.transcript.era, facts);
  const era = offer?.era ?? 'modern';
  const path = connection.url === undefined ? '' : `${connection.url.pathname}${connection.url.search}`;
  const call = facts.calls.get(era) ?? { none: 'no tool is known' };
  const values = {
    path,
    'metadata-path': metadataPath(facts.discovery.challenge, path, connection.url),
    ...(offer === undefined ? {} : valuesFor(offer, call, path)),
  };
  if (!(connection instanceof StdioConnection))
    return playEntry(entry, { ...(await connection.stage(era)), values }, pace, onExchange);
  const own = entry.transcript.transport === 'stdio';
  const stage = own ? connection.ownStage() : await connection.stage(era);
  const transcript = asStdio(entry.transcript) ?? entry.transcript;
  const playback = await playEntry({ ...entry, transcript }, { ...stage, values }, pace, onExchange);
  // What it left unread would be taken for the next answer.
  if (playback.outcome.kind !== 'passed' && !own) connection.restart();
  return playback;
}

/** A server may close the connection on hostile input. Afterwards it must still be there. */
async function afterwards(
  { failure, reason }: PlayOutcome & { kind: 'astray' },
  connection: Connection,
  facts: Facts,
): Promise<PlayOutcome> {
  if (await answers(connection, facts)) return { kind: 'passed' };
  const problem = `${reason}; afterwards the server no longer answers`;
  return { kind: 'failed', failure: { ...failure, differences: [{ line: 0, problem }] } };
}
