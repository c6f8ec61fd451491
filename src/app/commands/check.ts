/** `check`: reads the command line, and connects src/cli/check with this process. */
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowser } from '../../cli/browser.js';
import { readTarget, splitCommand } from '../../cli/call/invocation.js';
import type { Connection, ConnectionOptions } from '../../cli/check/connection.js';
import { checkHelp } from '../../cli/check/help.js';
import { HttpConnection } from '../../cli/check/http.js';
import { listRequirements, listTranscripts } from '../../cli/check/lists.js';
import { jsonOf, junitOf } from '../../cli/check/machine.js';
import { createPace } from '../../cli/check/pace.js';
import { countOf } from '../../cli/check/report.js';
import { runCheck } from '../../cli/check/run.js';
import { selectEntries } from '../../cli/check/select.js';
import { StdioConnection } from '../../cli/check/stdio.js';
import { TextReport } from '../../cli/check/text.js';
import { Traffic } from '../../cli/check/traffic.js';
import { readEntries } from '../../cli/check/transcripts.js';
import type { ChosenCall } from '../../cli/check/values.js';
import type { TokenSource } from '../../client/ports.js';
import { lookOf } from '../../lesson/look.js';
import { isLoopback } from '../../oauth/protected-resource.js';
import { type Era, MODERN, NEWEST_LEGACY, REVISIONS } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import { CLIENT_FLAGS, type ClientSettings, clientHelp, readClientFlags } from './client-flags.js';
import type { Io } from './io.js';

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;
const SWITCH = { type: 'boolean' } as const;
const OPTIONS = {
  ...CLIENT_FLAGS,
  help: { type: 'boolean', short: 'h' },
  stage: TEXTS,
  only: TEXTS,
  tool: TEXT,
  args: TEXT,
  pause: TEXT,
  anonymous: SWITCH,
  yes: { type: 'boolean', short: 'y' },
  json: SWITCH,
  junit: SWITCH,
  verbose: { type: 'boolean', short: 'v' },
  list: SWITCH,
  requirements: SWITCH,
} as const;
type Flags = ReturnType<typeof parseFlags<typeof OPTIONS>>['values'];

const PAUSE_MS = 100;
const LOCAL_PAUSE_MS = 5;
const MAX_PAUSE_MS = 60_000;
const TIMEOUT_MS = 15_000;
const ERAS: readonly Era[] = ['modern', 'legacy'];

export async function checkCommand(
  args: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const { own, command } = splitCommand(args);
  const { values: flags, positionals } = parseFlags(own, OPTIONS, 'barewire check --help', true);
  const { json, junit, verbose } = flags;
  if (flags.help || args.length === 0) return printText(io, checkHelp(clientHelp(TIMEOUT_MS / 1_000)));
  if (flags.requirements) return printText(io, listRequirements());
  const entries = selectEntries(readEntries(), flags.stage ?? [], flags.only ?? []);
  if (flags.list) return printText(io, listTranscripts(entries));
  const { target, rest } = readTarget(positionals, command);
  if (rest.length > 0)
    throw new WrongSetting(`expected one address, received ${JSON.stringify(rest[0])} as well`);
  const { signal } = io;
  const url = target.kind === 'http' ? target.url : undefined;
  const client = readClientFlags(flags, environment, (line) => io.complain(`barewire: ${line}`));
  const loopback = url === undefined || isLoopback(url.hostname);
  const { revision } = client;
  const onlyEra = client.era ?? (revision && REVISIONS[revision].era);
  const chosenCall = readCall(flags);
  const pause = readPause(flags.pause, loopback ? LOCAL_PAUSE_MS : PAUSE_MS);
  const timer = { now: () => performance.now(), sleep: (ms: number) => sleep(ms, undefined, { signal }) };
  const pace = createPace(pause, timer, signal);
  const traffic = new Traffic(target.kind);
  const onExchange = traffic.see.bind(traffic);
  const tokens = url === undefined || flags.anonymous ? undefined : tokensOf(url, flags, client, io);
  const options: ConnectionOptions = {
    headers: client.headers,
    tokens,
    timeoutMs: flags.timeout === undefined ? TIMEOUT_MS : client.timeoutMs,
    pace,
    onExchange,
  };
  const quiet = json || junit;
  const asks = entries.some(({ stage }) => stage === 'hostile-input') && !quiet;
  const mayBeHostile = loopback || flags.yes === true || (asks && (await agrees(url.host, signal)));
  const connection: Connection =
    target.kind === 'http'
      ? new HttpConnection(target.url, options)
      : new StdioConnection(target.command, options, (line) => verbose && io.complain(`  stderr: ${line}`));
  const text = new TextReport(io.print, lookOf(process.stdout, environment), verbose === true);
  if (!quiet) io.print(`barewire check ${url?.href ?? `-- ${command?.join(' ')}`}\n`);
  try {
    const report = await runCheck(connection, {
      eras: ERAS.filter((era) => onlyEra === undefined || era === onlyEra),
      proposal: revision === undefined || revision === MODERN ? NEWEST_LEGACY : revision,
      ...{ entries, chosenCall, loopback, mayBeHostile, signal, pace, onExchange },
      findings: () => traffic.findings,
      ...(quiet
        ? {}
        : {
            discovered: (discovery, tool) => text.discovered(discovery, tool),
            finished: (result) => text.finished(result),
          }),
    });
    if (json) io.print(jsonOf(report));
    else if (junit) io.print(junitOf(report));
    else text.ended(report);
    return countOf(report).errors > 0 ? 1 : 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    io.complain('interrupted');
    return 130;
  } finally {
    await connection.close();
  }
}

function printText(io: Io, text: string): number {
  io.print(text);
  return 0;
}

function readPause(text: string | undefined, unset: number): number {
  if (text === undefined) return unset;
  if (/^\d+$/.test(text) && Number(text) <= MAX_PAUSE_MS) return Number(text);
  throw new WrongSetting(
    `--pause: expected milliseconds, up to ${MAX_PAUSE_MS}, received ${JSON.stringify(text)}`,
  );
}

/** A person at the terminal can sign in. Elsewhere nobody would ever answer, unless a flag says how to do without. */
function tokensOf(
  url: URL,
  flags: Flags,
  client: ClientSettings,
  { complain, signal }: Io,
): TokenSource | undefined {
  const isAttended = process.stdin.isTTY && process.stderr.isTTY;
  if (!client.givenToken && !isAttended && !flags.device && !flags['client-credentials']) return undefined;
  const open = async (page: URL): Promise<void> => void (await openBrowser(page));
  return client.tokens(url, { interaction: { open, say: complain }, signal });
}

function readCall({ tool, args }: Flags): ChosenCall | undefined {
  if (tool === undefined) {
    if (args !== undefined) throw new WrongSetting('--args: expected --tool with it');
    return undefined;
  }
  if (args === undefined) return { tool, arguments: undefined };
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch {
    // The next line says what is wrong.
  }
  if (isRecord(value)) return { tool, arguments: value };
  throw new WrongSetting(`--args: expected a JSON object, received ${JSON.stringify(args)}`);
}

/** Hostile input may do harm to somebody else's server. */
async function agrees(host: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const question = `${host} is not this machine. The last stage sends hostile input: broken, deeply nested and forged messages.\nMay it be sent there? [y/N] `;
  try {
    return /^y(es)?$/i.test((await lines.question(question, { signal })).trim());
  } finally {
    lines.close();
  }
}
