/** What was typed behind `npm run bench --`, read and checked. */
import { parseArgs } from 'node:util';

export const NAMES = {
  calls: 'calls a second: governed and library, both wires, 10 and 100 connections',
  peers: 'the same tool on other servers, 100 connections',
  sse: 'calls with five progress notifications',
  large: '100 KB of arguments, 1 MB of result',
  fsync: 'destructive calls, whose audit records wait for the disk',
  start: 'from the spawn of a process to its first answer',
  memory: 'memory after load, and a million calls later',
  streams: '10,000 clients that listen',
  stdio: 'one call after the other, on stdio and over HTTP',
  growth: 'processor time per call, over the number of tools and of tenants',
  registry: 'the registry over 10,000 servers (only when it is named; `registry N` for N servers)',
};
export type Name = keyof typeof NAMES;

export const USAGE = `usage: npm run bench -- [--only NAME,...] [--quick] [--rounds N] [--seconds S] [--out FOLDER] [--readme] [--list]

  --only NAME,...  some of the benchmarks; --list names them
  --quick          most rows in less than a minute, too short to compare; peers only where they are installed
  --rounds N       how often each row is loaded (default 3); the median counts
  --seconds S      how long each time (default 5)
  --out FOLDER     where table, plot and JSON are written
  --readme         writes the tables into test/bench/README.md as well, and the plot of a whole run to test/bench/speed.svg
  registry [N]     the same as --only registry, over N servers`;

export type Options = {
  names: readonly Name[];
  /** None was left out. */
  whole: boolean;
  quick: boolean;
  rounds: number;
  seconds: number;
  readme: boolean;
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
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  const { quick, readme, out } = values;
  const [first, servers] = positionals;
  const named = first ?? values.only;
  const flags = Object.entries(values).flatMap(([name, value]) => {
    if (name === 'out' || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name} ${value}`];
  });
  const options: Options = {
    names: namesOf(named),
    whole: named === undefined,
    ...{ quick, readme },
    rounds: count('--rounds', values.rounds, quick ? 1 : 3),
    seconds: count('--seconds', values.seconds, quick ? 1 : 5),
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
