/** `audit verify`, `tail`, `query`, `export`, `stats` and `replay`, over the logs of both servers or of the one that `--server` names. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { auditQuery, auditTail, auditVerify } from '../../governance/audit/command.js';
import { CSV_HEAD } from '../../governance/audit/export.js';
import {
  auditExport,
  auditReplay,
  auditStats,
  auditStory,
  readFormat,
} from '../../governance/audit/reports.js';
import { createHeadVerifier } from '../../governance/audit/signed-head.js';
import { now } from '../../wire/clock.js';
import { parseFlags, readServerName, refuseWord } from '../settings/arguments.js';
import { auditFolderOf } from '../settings/config.js';
import { SERVERS, type ServerName } from '../settings/setting.js';
import { type Environment, readSettings } from '../settings/sources.js';
import { type Heads, readHeads, readKeySet } from './audit-evidence.js';
import { REPLAY_FLAGS, readReplay } from './audit-replay.js';

const HELP = `usage: node dist/server.js audit verify|tail|query|export|stats|replay [flags]

verify   checks each record against the one before it, and prints the file and line where a record
         was changed, moved or removed; the exit code is then 1. --heads, or --keys with --anchor,
         also shows that all later records were rewritten, or the newest cut off with their head
  --from DAY        check only what was written since that day, like 2026-11-23
  --heads FILE      the output of an earlier verify, kept elsewhere
  --keys FILE|URL   the public keys of a signed log, as its server publishes them at
                    /.well-known/barewire-audit-keys; each chain must then have a signed head
  --anchor FILE     signed heads that were kept elsewhere (--audit-anchor); needs --keys
tail     prints the newest records
  --lines N         how many (default: 10)
  --follow          then print each new record as it is written
query    prints the records that match all of these flags
  --user NAME, --tool NAME, --kind intent|outcome|refused|approval|summary|log
  --since TIME, --until TIME    a time like 2026-11-23T09:00Z, or how long ago, like 12h
  --call ID         all that is known about one call, as a timeline: when it was asked for, shown,
                    approved, run and answered. Takes the id of its approval, request or trace
export   prints the records of a period, to be kept or read elsewhere
  --format jsonl|csv    JSON lines as in the log (the default), or a table
  --since TIME, --until TIME
stats    counts the records of a period by tool, outcome and reason
  --since TIME, --until TIME
replay   decides past calls again, with the settings below, and lists those with another outcome;
         the exit code is then 1
  --policy FILE.rego,…  a policy for Open Policy Agent instead, the decision of the last file's
                        package; needs its program, opa
  --payload-cap TOOL=N,…, --quota N,TOOL=N,…, --approval MODE, --scope-implies A=B+C,…
                        as for the server; quotas are counted again only with --quota
  --user NAME, --tool NAME, --since TIME, --until TIME

all
  --server readonly|destructive    the log of one server (default: both)
  --tenant NAME     only tenants of that name, of any issuer
  --issuer URL      only tenants of that issuer, written as in the servers' --issuer. A folder from
                    before issuers had folders of their own is verified as a whole; its records
                    count when their principal is of that issuer
  --json            print records as they are in the log (tail, query), or changes (replay)
  --audit-dir DIR   the folder that the servers write to: BAREWIRE_AUDIT_DIR,
                    or ~/.local/state/barewire/audit`;

const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
const PERIOD = { since: TEXT, until: TEXT };
const COMMON = { 'audit-dir': TEXT, 'state-home': TEXT, server: TEXT, tenant: TEXT, issuer: TEXT };
const PARTS = ['verify', 'tail', 'query', 'export', 'stats', 'replay'];
const ADVICE = 'audit --help';

export async function auditCommand(
  [name = '', ...args]: readonly string[],
  environment: Environment,
  { print, signal }: { print: Print; signal: AbortSignal },
): Promise<number> {
  if ([name, ...args].some((word) => word === '--help' || word === '-h')) {
    print(HELP);
    return 0;
  }
  if (name === 'verify') {
    const options = { ...COMMON, from: TEXT, heads: TEXT, keys: TEXT, anchor: TEXT };
    const { values } = parseFlags(args, options, ADVICE);
    const { keys, anchor } = values;
    if (anchor !== undefined && keys === undefined)
      throw new RangeError('--anchor: expected --keys as well, which signed heads are checked with');
    const heads = values.heads === undefined ? undefined : await readHeads(values.heads);
    const verifyHead = keys === undefined ? undefined : await createHeadVerifier(await readKeySet(keys));
    const anchored = anchor === undefined ? undefined : await readFile(anchor, 'utf8');
    return runForEach({ ...values, heads }, environment, print, (dir, printLine, ownHeads) => {
      const log = basename(dir);
      return auditVerify({ ...values, dir, heads: ownHeads, anchored, verifyHead, log }, printLine);
    });
  }
  if (name === 'tail') {
    const options = { ...COMMON, json: SWITCH, lines: TEXT, follow: SWITCH };
    const { values } = parseFlags(args, options, ADVICE);
    return runForEach(values, environment, print, (dir, printLine) =>
      auditTail({ ...values, dir }, printLine, signal),
    );
  }
  if (name === 'query') {
    const options = { ...COMMON, ...PERIOD, json: SWITCH, user: TEXT, tool: TEXT, kind: TEXT, call: TEXT };
    const { values } = parseFlags(args, options, ADVICE);
    const { call, ...query } = values;
    return runForEach(values, environment, print, (dir, printLine) =>
      call === undefined
        ? auditQuery({ ...query, dir }, printLine, now)
        : auditStory({ ...query, dir, call }, printLine),
    );
  }
  if (name === 'export') {
    const { values } = parseFlags(args, { ...COMMON, ...PERIOD, format: TEXT }, ADVICE);
    const format = readFormat(values.format);
    // Each record names its server, so both logs fit into one table.
    if (format === 'csv') print(CSV_HEAD);
    return runForEach({ ...values, json: true }, environment, print, (dir, printLine) =>
      auditExport({ ...values, dir, format }, printLine, now),
    );
  }
  if (name === 'stats') {
    const { values } = parseFlags(args, { ...COMMON, ...PERIOD }, ADVICE);
    return runForEach(values, environment, print, (dir, printLine) =>
      auditStats({ ...values, dir }, printLine, now),
    );
  }
  if (name === 'replay') {
    const options = { ...COMMON, ...PERIOD, ...REPLAY_FLAGS, json: SWITCH, user: TEXT, tool: TEXT };
    const { values } = parseFlags(args, options, ADVICE);
    const replay = readReplay(values, environment);
    return runForEach(values, environment, print, (dir, printLine) =>
      auditReplay({ ...values, dir }, replay, printLine, now),
    );
  }
  return refuseWord(name, 'verify, tail, query, export, stats or replay', PARTS, `${ADVICE} explains them`);
}

type Selection = { server?: string; json?: boolean; heads?: Heads | undefined; [flag: string]: unknown };
type Print = (line: string) => void;

/** Runs over each log, and resolves with the highest exit code. With two logs, the server's name precedes each line. */
async function runForEach(
  values: Selection,
  environment: Environment,
  print: Print,
  run: (dir: string, print: Print, heads: string | undefined) => Promise<number>,
): Promise<number> {
  const { json, heads } = values;
  const folder = auditFolderOf(readSettings(['audit-dir', 'state-home'], values, environment));
  const names = serversIn(folder, values);
  const codes = names.map(async (name) => {
    const dir = join(folder, name);
    // A record in JSON names its server itself.
    const alone = names.length === 1 || json === true;
    const printLine = alone ? print : (line: string) => print(`${name}: ${line}`);
    const ownHeads = heads && (heads[name] || (names.length === 1 ? heads.alone : ''));
    if (existsSync(dir)) return run(dir, printLine, ownHeads);
    printLine(`BROKEN ${dir}: removed: the whole log is gone, but there are heads of it`);
    return 1;
  });
  return Math.max(...(await Promise.all(codes)));
}

/** The servers with a log, and those that must have had one because there are heads of it. */
function serversIn(folder: string, { server, heads }: Selection): ServerName[] {
  const selectedServers = server === undefined ? SERVERS : [readServerName(server)];
  const hasHeads = (name: ServerName): boolean =>
    Boolean(heads?.[name]) || (server !== undefined && Boolean(heads?.alone));
  const names = selectedServers.filter((name) => existsSync(join(folder, name)) || hasHeads(name));
  if (names.length === 0) throw new RangeError(`there is no audit log in ${folder}`);
  return names;
}
