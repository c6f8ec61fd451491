/** Checks a server from within a test: without a pause, and with what a person would see at hand. */
import type { ConnectionOptions, PlayedExchange } from '../../src/cli/check/connection.js';
import { HttpConnection } from '../../src/cli/check/http.js';
import type { Report, Result } from '../../src/cli/check/report.js';
import { type Plan, runCheck } from '../../src/cli/check/run.js';
import { StdioConnection } from '../../src/cli/check/stdio.js';
import { Traffic } from '../../src/cli/check/traffic.js';
import { type Entry, readEntries } from '../../src/cli/check/transcripts.js';
import type { Through } from '../../src/lesson/player/peer.js';
import type { Stage } from '../../src/lesson/player/stage.js';
import type { Era } from '../../src/wire/revisions.js';

export const ENTRIES = readEntries();

export type CheckOptions = {
  token?: string;
  eras?: readonly Era[];
  entries?: readonly Entry[];
  timeoutMs?: number;
  /** Findings in the traffic of transcripts. */
  through?: Through;
} & Partial<Pick<Plan, 'chosenCall' | 'mayBeHostile' | 'loopback' | 'signal' | 'pace'>>;

export async function checked(target: URL | readonly string[], options: CheckOptions = {}): Promise<Report> {
  const traffic = new Traffic(target instanceof URL ? 'http' : 'stdio');
  const onExchange = (exchange: PlayedExchange) => traffic.see(exchange);
  const pace = options.pace ?? (async () => {});
  const { token } = options;
  const tokens =
    token === undefined ? undefined : { token: async () => token, answer: async () => undefined };
  const settings: ConnectionOptions = {
    headers: [],
    tokens,
    timeoutMs: options.timeoutMs ?? 10_000,
    pace,
    onExchange,
  };
  const connection =
    target instanceof URL
      ? new Interceptable(target, settings, options.through)
      : new StdioConnection(target, settings, () => {});
  try {
    return await runCheck(connection, {
      eras: ['modern', 'legacy'],
      proposal: '2025-11-25',
      entries: ENTRIES,
      chosenCall: undefined,
      loopback: true,
      mayBeHostile: true,
      signal: new AbortController().signal,
      ...options,
      pace,
      onExchange,
      findings: () => traffic.findings,
    });
  } finally {
    await connection.close();
  }
}

class Interceptable extends HttpConnection {
  readonly #through: Through | undefined;

  constructor(url: URL, options: ConnectionOptions, through: Through | undefined) {
    super(url, options);
    this.#through = through;
  }

  override async stage(era: Era): Promise<Stage> {
    const stage = await super.stage(era);
    return this.#through === undefined ? stage : { ...stage, through: this.#through };
  }
}

/** Each failure in one line. */
export function failuresIn({ results, findings }: Report): string[] {
  return [
    ...results.flatMap((result) => {
      if (result.kind !== 'failed') return [];
      const [mistake] = result.failure.differences;
      const why =
        mistake === undefined
          ? ''
          : 'problem' in mistake
            ? mistake.problem
            : `${mistake.where}: ${mistake.expected}, not ${mistake.received}`;
      return [`${result.failure.severity} ${result.file} ${why}`];
    }),
    ...findings.map(({ severity, clause, where }) => `${severity} ${clause.id} ${where}`),
  ];
}

/** The ids of all clauses that were violated. */
export function violatedIn({ results, findings }: Report): string[] {
  const failed = results.flatMap((result) =>
    result.kind === 'failed' ? result.failure.clauses.map(({ id }) => id) : [],
  );
  return [...failed, ...findings.map(({ clause }) => clause.id)];
}

export const kinds = (results: readonly Result[], kind: Result['kind']): string[] =>
  results.filter((result) => result.kind === kind).map(({ file }) => file);
