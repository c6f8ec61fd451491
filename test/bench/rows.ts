/**
 * The rows that are loaded: which server, which call, over how many connections, against which other row, and the
 * goal: one table. Over 200 lines because it is one.
 */
import type { ChildSpec } from './child.js';
import { GOALS } from './goals.js';
import type { Language, Peers } from './peers.js';
import { add, type Call, count, fill, measure, type Wire } from './requests.js';
import type { Scene } from './scene.js';
import { bare, governed, library, newAuditKey, peer } from './servers.js';

export type Group = 'calls' | 'peers' | 'sse' | 'large' | 'fsync' | 'signing';
export type Goal = {
  /** What is compared: requests a second, or the time within which 99 of 100 are answered. */
  of: 'rate' | 'p99';
  against: string;
  /** At least this of the other's rate; at most this of the other's p99. */
  factor: number;
};
export type Row = {
  id: string;
  group: Group;
  /** Of a peer, which may not be here. */
  language?: Language;
  what: string;
  /** Rows of one server share its process. */
  server: string;
  call: Call;
  connections: number;
  /** A token is sent. */
  token?: true;
  /** Begins with a handshake and goes on in its session. */
  session?: true;
  goals?: readonly Goal[];
  /** The row that its ratio is shown to where it has no goal. */
  against?: string;
};

export const BARE = 'bare';
const KIB = 1024;

const REVISION: { readonly [Key in Wire]: string } = { modern: '2026-07-28', legacy: '2025-11-25' };
/** The name of a server is its program, and behind a hyphen how it is set up. */
const PEERS: readonly (readonly [Language, string, string, Wire])[] = [
  ['TypeScript', 'sdk2', 'SDK 2', 'modern'],
  ['TypeScript', 'sdk2-tuned', 'SDK 2, tuned', 'modern'],
  ['TypeScript', 'sdk2', 'SDK 2', 'legacy'],
  ['TypeScript', 'sdk1', 'SDK 1, stateless', 'legacy'],
  ['TypeScript', 'sdk1-tuned', 'SDK 1, stateless, tuned', 'legacy'],
  ['TypeScript', 'sdk1-sessions', 'SDK 1, sessions', 'legacy'],
  ['TypeScript', 'fastmcp', 'FastMCP, stateless', 'legacy'],
  ['Python', 'python', 'SDK for Python', 'modern'],
  ['Python', 'python-tuned', 'SDK for Python, tuned', 'modern'],
  ['Python', 'python', 'SDK for Python', 'legacy'],
  ['Python', 'pyfastmcp', 'FastMCP for Python', 'modern'],
  ['Python', 'pyfastmcp-tuned', 'FastMCP for Python, tuned', 'modern'],
  ['Go', 'go', 'SDK for Go', 'modern'],
  ['Go', 'go-tuned', 'SDK for Go, tuned', 'modern'],
  ['Go', 'go', 'SDK for Go', 'legacy'],
];

export const ROWS: readonly Row[] = [
  ...[10, 100].flatMap((connections): Row[] => {
    const bareId = `bare-${connections}`;
    const rate = (factor: number): Goal => ({ of: 'rate', against: bareId, factor });
    const p99: Goal[] = connections === 100 ? [{ of: 'p99', against: bareId, factor: GOALS.p99 }] : [];
    return [
      {
        id: bareId,
        group: 'calls',
        what: 'bare node:http',
        server: BARE,
        call: add('modern'),
        connections,
      },
      {
        id: `governed-modern-${connections}`,
        group: 'calls',
        what: 'governed, 2026-07-28',
        server: 'governed',
        call: add('modern'),
        connections,
        token: true,
        goals: [rate(GOALS.governed), ...p99],
      },
      {
        id: `governed-legacy-${connections}`,
        group: 'calls',
        what: 'governed, 2025-11-25',
        server: 'governed',
        call: add('legacy'),
        connections,
        token: true,
        goals: [rate(GOALS.governed), ...p99],
      },
      {
        id: `library-modern-${connections}`,
        group: 'calls',
        what: 'library, 2026-07-28',
        server: 'library',
        call: add('modern'),
        connections,
        goals: [rate(GOALS.library), ...p99],
      },
      {
        id: `library-legacy-${connections}`,
        group: 'calls',
        what: 'library, 2025-11-25',
        server: 'library',
        call: add('legacy'),
        connections,
        goals: [rate(GOALS.library), ...p99],
      },
    ];
  }),
  ...PEERS.map(
    ([language, server, what, wire]): Row => ({
      id: `${server}-${wire}-100`,
      group: 'peers',
      language,
      what: `${what}, ${REVISION[wire]}`,
      server,
      call: add(wire),
      connections: 100,
      against: 'bare-100',
      ...(server === 'sdk1-sessions' ? { session: true } : {}),
    }),
  ),
  ...(
    [
      ['library', false],
      ['governed', true],
    ] as const
  ).map(
    ([server, guarded]): Row => ({
      id: `sse-${server}`,
      group: 'sse',
      what: `${server}, five progress notifications`,
      server,
      call: count('modern'),
      connections: 100,
      ...(guarded ? { token: true } : {}),
      goals: [{ of: 'rate', against: 'sse-sdk2', factor: GOALS.progress }],
    }),
  ),
  ...['sdk2', 'sdk2-tuned'].map(
    (server): Row => ({
      id: `sse-${server}`,
      group: 'peers',
      language: 'TypeScript',
      what: `${server === 'sdk2' ? 'SDK 2' : 'SDK 2, tuned'}, five progress notifications`,
      server,
      call: count('modern'),
      connections: 100,
    }),
  ),
  ...['bare', 'library', 'governed'].flatMap((server): Row[] => {
    const goal = (against: string): Pick<Row, 'goals' | 'against'> => {
      if (server === BARE) return {};
      return server === 'library' ? { goals: [{ of: 'rate', against, factor: GOALS.large }] } : { against };
    };
    const who = server === BARE ? 'bare node:http' : server;
    const result: Row = {
      id: `result-${server}`,
      group: 'large',
      what: `${who}, 1 MB result`,
      server,
      call: fill('modern', KIB * KIB),
      connections: 10,
      ...(server === 'governed' ? { token: true } : {}),
      ...goal('result-bare'),
    };
    // The policy of a governed server refuses arguments of more than 8192 characters.
    if (server === 'governed') return [result];
    const args: Row = {
      ...result,
      id: `arguments-${server}`,
      what: `${who}, 100 KB arguments`,
      call: measure('modern', 100 * KIB),
      ...goal('arguments-bare'),
    };
    return [args, result];
  }),
  ...['durable', 'durable-nosync'].map(
    (server): Row => ({
      id: server,
      group: 'fsync',
      what: server === 'durable' ? 'destructive calls, on disk' : 'the same, fdatasync does nothing',
      server,
      call: add('modern', 'change'),
      connections: 100,
      token: true,
      ...(server === 'durable'
        ? { goals: [{ of: 'rate', against: 'durable-nosync', factor: GOALS.durable }] }
        : {}),
    }),
  ),
  {
    id: 'signed-100',
    group: 'signing',
    what: 'governed, 2026-07-28, heads signed',
    server: 'governed-signed',
    call: add('modern'),
    connections: 100,
    token: true,
    // Only heads are signed, one a second for each chain, so a call should cost the same.
    goals: [{ of: 'rate', against: 'governed-modern-100', factor: GOALS.signing }],
  },
];

/** How a server of a row is started; peers are where they were installed. */
export async function serverOf(name: string, scene: Scene, peers: Peers | undefined): Promise<ChildSpec> {
  if (name === BARE) return bare();
  if (name === 'governed') return governed(scene);
  if (name === 'governed-signed') return governed(scene, { flags: ['--audit-key', newAuditKey(scene)] });
  if (name === 'library') return library(scene);
  if (name === 'durable') return library(scene, { auth: true, audit: true });
  if (name === 'durable-nosync') return library(scene, { auth: true, audit: true, sync: false });
  const { language } = ROWS.find(({ server }) => server === name) ?? {};
  const folder = language && peers?.folders[language];
  if (language === undefined || folder === undefined) throw new Error(`${name} is not installed`);
  const [kind = '', ...mode] = name.split('-');
  return peer(folder, language, kind, mode);
}

type Which = { languages: readonly Language[]; quick: boolean };

/** The rows of some benchmarks; those that they are compared with are run with them, whichever they belong to. */
export function rowsOf(names: readonly string[], { languages, quick }: Which): Row[] {
  const wanted = ROWS.filter(({ group }) => names.includes(group));
  const compared = new Set(
    wanted.flatMap(({ goals = [], against }) => [against, ...goals.map((goal) => goal.against)]),
  );
  return ROWS.filter(
    (row) =>
      (wanted.includes(row) || compared.has(row.id)) &&
      (row.language === undefined || languages.includes(row.language)) &&
      (!quick || inQuick(row)),
  );
}

/** Of ten and a hundred connections the hundred, and of the peers one. */
function inQuick({ group, connections, server, call }: Row): boolean {
  if (group === 'calls') return connections === 100;
  return group !== 'peers' || (server === 'sdk2' && call.wire === 'modern');
}
