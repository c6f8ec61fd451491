/** `audit verify`, `audit tail` and `audit query`: over the logs of both servers, or of the one that `--server` names. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { auditQuery, auditTail, auditVerify } from '../../governance/audit/command.js';
import { now } from '../../wire/clock.js';
import { SERVERS, type ServerName } from '../server-definitions.js';
import { auditFolderOf } from '../settings/state-folder.js';
import type { Environment, Io } from './io.js';

const HELP = `usage: node dist/server.js audit verify|tail|query [flags]

verify   holds each record against the one before; 1 when one was changed, moved, or removed from between others, with file
         and line. Rewriting every later record, or cutting off the newest, is found only with --heads
  --from DAY        only what was written since that day, like 2026-11-23
  --heads FILE      what an earlier verify has printed, kept elsewhere: finds also a log that was cut or made anew
tail     the newest records
  --lines N         how many (default 10)
  --follow          and each new one as it is written
query    the records that have all of these
  --user NAME, --tool NAME, --kind intent|outcome|refused|approval|summary|log
  --since TIME      like 2026-11-23T09:00Z, or 12h ago: 12h

all
  --server readonly|destructive    one of the logs; both unless given
  --tenant NAME     of the tenants of that name, whichever issuers vouch for them
  --issuer URL      of the tenants that this issuer vouches for, as --issuer of the servers has it; a folder from before
                    issuers were told apart is verified whole, and its records count when their principal is of that issuer
  --json            records as they stand in the log (tail, query)
  --audit-dir DIR   where the servers write; BAREWIRE_AUDIT_DIR, ~/.local/state/barewire/audit unless given`;

const TEXT = { type: 'string' } as const;
const WHERE = {
  'audit-dir': TEXT,
  'state-home': TEXT,
  server: TEXT,
  tenant: TEXT,
  issuer: TEXT,
  help: { type: 'boolean', short: 'h' },
} as const;
const JSON_FLAG = { json: { type: 'boolean' } } as const;

export async function auditCommand(
  [name = '', ...args]: string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const given = { args, strict: true, allowPositionals: false } as const;
  if (name === '--help' || name === '-h' || args.includes('--help') || args.includes('-h')) {
    io.print(HELP);
    return 0;
  }
  if (name === 'verify') {
    const { values } = parseArgs({ ...given, options: { ...WHERE, from: TEXT, heads: TEXT } });
    const heads = values.heads === undefined ? undefined : await readHeads(values.heads);
    return each({ ...values, heads }, environment, io, (dir, print, kept) =>
      auditVerify({ ...values, dir, heads: kept }, print),
    );
  }
  if (name === 'tail') {
    const options = { ...WHERE, ...JSON_FLAG, lines: TEXT, follow: { type: 'boolean' } } as const;
    const { values } = parseArgs({ ...given, options });
    return each(values, environment, io, (dir, print) => auditTail({ ...values, dir }, print, io.signal));
  }
  if (name === 'query') {
    const options = { ...WHERE, ...JSON_FLAG, user: TEXT, tool: TEXT, kind: TEXT, since: TEXT } as const;
    const { values } = parseArgs({ ...given, options });
    return each(values, environment, io, (dir, print) => auditQuery({ ...values, dir }, print, now));
  }
  throw new RangeError(
    `expected verify, tail or query, received ${JSON.stringify(name)}; audit --help tells more`,
  );
}

type Where = {
  'audit-dir'?: string;
  'state-home'?: string;
  server?: string;
  json?: boolean;
  heads?: Heads | undefined;
};

/** What was kept of each server: of both as two logs are printed, of one as it is printed alone. */
type Heads = { [Name in ServerName]: string } & { alone: string };

/** Runs over each log; the worst of their codes. Lines of two logs are told apart by the server's name. */
async function each(
  values: Where,
  environment: Environment,
  { print }: Io,
  run: (dir: string, print: (line: string) => void, kept: string | undefined) => Promise<number>,
): Promise<number> {
  const auditDir = values['audit-dir'] ?? environment.BAREWIRE_AUDIT_DIR;
  const stateHome = values['state-home'] ?? environment.XDG_STATE_HOME;
  const folder = auditFolderOf({
    ...(auditDir ? { auditDir } : {}),
    ...(stateHome ? { stateHome } : {}),
  });
  const names = serversIn(folder, values);
  const codes = names.map(async (name) => {
    const dir = join(folder, name);
    // A record says itself which server it is of.
    const alone = names.length === 1 || values.json === true;
    const say = alone ? print : (line: string) => print(`${name}: ${line}`);
    const kept = values.heads && (values.heads[name] || (names.length === 1 ? values.heads.alone : ''));
    if (existsSync(dir)) return run(dir, say, kept);
    say(`BROKEN ${dir}: removed: the whole log is gone, of which heads are kept`);
    return 1;
  });
  return Math.max(...(await Promise.all(codes)));
}

/** Those that are there, and those that should be since something was kept of them. */
function serversIn(folder: string, { server, heads }: Where): ServerName[] {
  const known = SERVERS.filter((name) => server === undefined || name === server);
  if (known.length === 0)
    throw new RangeError(`--server: expected ${SERVERS.join(' or ')}, received "${server}"`);
  const kept = (name: ServerName): boolean =>
    Boolean(heads?.[name]) || (server !== undefined && Boolean(heads?.alone));
  const there = known.filter((name) => existsSync(join(folder, name)) || kept(name));
  if (there.length === 0) throw new RangeError(`there is no audit log in ${folder}`);
  return there;
}

async function readHeads(file: string): Promise<Heads> {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
  const of = (prefix: string): string =>
    lines
      .flatMap((line) => (line.startsWith(`${prefix}head `) ? [line.slice(prefix.length)] : []))
      .join('\n');
  const heads = { readonly: of('readonly: '), destructive: of('destructive: '), alone: of('') };
  if (Object.values(heads).every((text) => text === ''))
    throw new RangeError(`--heads ${file}: expected lines "head …", as audit verify prints them`);
  return heads;
}
