/** The arguments of `npm run bench --`, read and checked. */
import { parseArgs } from 'node:util';

export const NAMES = {
  calls: 'calls a second: governed and library, both wires, 10 and 100 connections',
  peers: 'the same tool on other servers, 100 connections',
  sse: 'calls with five progress notifications',
  large: '100 KB of arguments, 1 MB of result',
  fsync: 'destructive calls, whose audit records wait for the disk',
  signing: 'governed calls while the heads of the audit log are signed, beside the same without',
  start: 'from the spawn of a process to its first answer',
  memory: 'memory after load, and a million calls later',
  database: 'the first query on the embedded database, ever and after a restart (not with --quick)',
  streams: '10,000 clients that listen',
  stdio: 'one call after the other, on stdio and over HTTP',
  growth: 'processor time per call, over the number of tools and of tenants',
  registry: 'the registry over 10,000 servers (only when it is named; `registry N` for N servers)',
};
export type Name = keyof typeof NAMES;
/** What two commits are compared by. */
const COMPARED: readonly Name[] = ['calls', 'sse', 'large', 'start'];
const COMPARED_BY_DEFAULT: readonly Name[] = ['calls', 'sse', 'start'];

export const USAGE = `usage: npm run bench -- [--only NAME,...] [--quick] [--rounds N] [--seconds S] [--out FOLDER] [--readme] [--list]
                        [--against COMMIT | --profile]

  --only NAME,...  some of the benchmarks; --list names them
  --quick          most rows in less than a minute, too short to compare; peers only where they are installed
  --rounds N       how often each row is loaded (default 5); the median counts
  --seconds S      how long each time (default 2)
  --out FOLDER     where table, plot and JSON are written
  --readme         writes tables and plot into test/bench as well, for this version of Node; what was not measured now stays
                   there as an earlier run
  --against COMMIT compares the governed server with the one of another commit, which it builds in a temporary folder; of
                   --only it knows ${COMPARED.join(', ')}. "release" is the last tag.
  --profile        divides the processor time of a governed call by stages
  registry [N]     the same as --only registry, over N servers`;

export type Options = {
  names: readonly Name[];
  quick: boolean;
  rounds: number;
  seconds: number;
  readme: boolean;
  /** A commit. */
  against?: string;
  profile: boolean;
  out?: string;
  /** Of the registry's benchmark. */
  servers?: number;
  /** What was typed, without where on this machine the results go. */
  command: string;
};
export type Read =
  | { kind: 'help' }
  | { kind: 'list' }
  | { kind: 'wrong'; message: string }
  | { kind: 'run'; options: Options };

export function readArguments(args: readonly string[]): Read {
  try {
    return read(args);
  } catch (error) {
    return { kind: 'wrong', message: (error as Error).message };
  }
}

function read(args: readonly string[]): Read {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
      readme: { type: 'boolean', default: false },
      against: { type: 'string' },
      profile: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  const { quick, readme, out, against, profile } = values;
  const [first, servers] = positionals;
  const named = first ?? values.only;
  const flags = Object.entries(values).flatMap(([name, value]) => {
    if (name === 'out' || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name} ${value}`];
  });
  if (against !== undefined && (readme || profile))
    throw new Error('--against goes with neither --readme nor --profile');
  if (quick && readme) throw new Error('--quick measures too shortly for --readme');
  if (profile && named !== undefined) throw new Error('--profile goes without --only');
  const names = against !== undefined && named === undefined ? COMPARED_BY_DEFAULT : namesOf(named);
  const foreign = names.find((name) => !COMPARED.includes(name));
  if (against !== undefined && foreign !== undefined)
    throw new Error(`--against does not compare ${foreign}; it compares ${COMPARED.join(', ')}`);
  const options: Options = {
    names,
    ...{ quick, readme, profile },
    ...(against === undefined ? {} : { against }),
    rounds: count('--rounds', values.rounds, quick ? 1 : 5),
    seconds: count('--seconds', values.seconds, quick ? 1 : profile ? 5 : 2),
    ...(out === undefined ? {} : { out }),
    ...(servers === undefined ? {} : { servers: count('registry', servers, 0) }),
    command: ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' '),
  };
  return { kind: 'run', options };
}

function namesOf(named: string | undefined): Name[] {
  const all = Object.keys(NAMES) as Name[];
  if (named === undefined) return all.filter((name) => name !== 'registry');
  return named.split(',').map((text) => {
    const name = all.find((one) => one === text);
    if (name === undefined) throw new Error(`there is no benchmark ${text}`);
    return name;
  });
}

/** wrk takes whole seconds only. */
function count(flag: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${flag} takes a whole number from 1 on, received ${text}`);
  return Number(text);
}
