/** The options of `npm run scale`. */
import { parseArgs } from 'node:util';

export type Options = {
  /** Replicas at the start; one more is added in the middle. */
  replicas: number;
  clients: number;
  /** Of each phase. */
  seconds: number;
  /** Milliseconds that a client rests between two calls. */
  restMs: number;
  /** Where the table, the plot and the numbers are put. */
  out: string | undefined;
  quick: boolean;
  /** A revision of this repository whose replicas are upgraded; nothing else is played then. */
  from: string | undefined;
  /** Whether legacy clients stand alone, and not in sessions. */
  alone: boolean;
  /** Whether a Valkey or Redis server keeps what replicas share, and not PostgreSQL. */
  valkey: boolean;
};

export const HELP = `npm run scale -- [flags]
  --replicas N   at the start; one more is added in the middle (2, at least 2)
  --clients N    at the same time, half modern and half legacy (100)
  --seconds S    of each phase (12)
  --rest MS      that a client rests between two calls (100)
  --out FOLDER   for scale.json and scale.svg; nothing is kept unless given
  --alone        legacy clients stand alone, and not in sessions
  --valkey       a Valkey or Redis server keeps what replicas share, and not PostgreSQL
  --from REV     only this: replicas of that revision are upgraded to this one under traffic
  --quick        three seconds a phase, for CI`;

/** @throws Error with one line to read. */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      replicas: { type: 'string' },
      clients: { type: 'string' },
      seconds: { type: 'string' },
      rest: { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string' },
      alone: { type: 'boolean', default: false },
      valkey: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  const { quick, out, from, alone, valkey } = values;
  return {
    replicas: whole('replicas', values.replicas, 2, 2),
    clients: whole('clients', values.clients, 100, 2),
    seconds: whole('seconds', values.seconds, quick ? 3 : 12, 1),
    restMs: whole('rest', values.rest, 100, 0),
    out,
    quick,
    from,
    alone,
    valkey,
  };
}

function whole(name: string, text: string | undefined, unless: number, least: number): number {
  const value = text === undefined ? unless : Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(
    `--${name}: expected a whole number of at least ${least}, received ${JSON.stringify(text)}`,
  );
}
