/** `check`: reads the command line, and connects src/cli/check with this process. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ConnectionOptions, Headers } from '../../cli/check/connection.js';
import { CHECK_HELP } from '../../cli/check/help.js';
import { HttpConnection } from '../../cli/check/http.js';
import { listRequirements, listTranscripts } from '../../cli/check/lists.js';
import { jsonOf, junitOf } from '../../cli/check/machine.js';
import { createPace } from '../../cli/check/pace.js';
import { countOf } from '../../cli/check/report.js';
import { runCheck } from '../../cli/check/run.js';
import { selectEntries } from '../../cli/check/select.js';
import { StdioConnection } from '../../cli/check/stdio.js';
import { COLORS, PLAIN, TextReport } from '../../cli/check/text.js';
import { Traffic } from '../../cli/check/traffic.js';
import { readEntries } from '../../cli/check/transcripts.js';
import type { Era } from '../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import type { Io } from './io.js';

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;
const SWITCH = { type: 'boolean' } as const;
const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  era: TEXT,
  stage: TEXTS,
  only: TEXTS,
  tool: TEXT,
  args: TEXT,
  header: TEXTS,
  token: TEXT,
  'token-file': TEXT,
  timeout: TEXT,
  pause: TEXT,
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
const TIMEOUT_S = 15;
const ERAS: readonly Era[] = ['modern', 'legacy'];

export async function checkCommand(
  args: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const dashes = args.indexOf('--');
  const command = dashes < 0 ? [] : args.slice(dashes + 1);
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const { values: flags, positionals } = parseFlags(own, OPTIONS, 'barewire check --help', true);
  if (flags.help || (args.length === 0 && command.length === 0)) return printed(io, CHECK_HELP);
  if (flags.requirements) return printed(io, listRequirements());
  const entries = selectEntries(readEntries(), flags.stage ?? [], flags.only ?? []);
  if (flags.list) return printed(io, listTranscripts(entries));
  const url = readTarget(positionals, command);
  const { signal } = io;
  const loopback = url === undefined || isLoopback(url.hostname);
  const pace = createPace(
    readNumber('--pause', flags.pause, loopback ? LOCAL_PAUSE_MS : PAUSE_MS, 60_000),
    { now: () => performance.now(), sleep: (ms, abort) => sleep(ms, undefined, { signal: abort }) },
    signal,
  );
  const token = readToken(flags, environment);
  const traffic = new Traffic(url === undefined ? 'stdio' : 'http');
  const options: ConnectionOptions = {
    headers: readHeaders(flags.header ?? []),
    token: async () => token,
    timeoutMs: readNumber('--timeout', flags.timeout, TIMEOUT_S, 600) * 1_000,
    pace,
    seen: (exchange) => traffic.see(exchange),
  };
  const wantsHostile = entries.some(({ stage }) => stage === 'hostile-input');
  const mayBeHostile =
    loopback ||
    flags.yes === true ||
    (wantsHostile && !flags.json && !flags.junit && (await agrees(url.host, signal)));
  const connection: Connection =
    url === undefined
      ? new StdioConnection(command, options, (line) => flags.verbose && io.complain(`  stderr: ${line}`))
      : new HttpConnection(url, options);
  const quiet = flags.json || flags.junit;
  const colors = process.stdout.isTTY && !environment.NO_COLOR;
  const text = new TextReport(io.print, colors ? COLORS : PLAIN, flags.verbose === true);
  if (!quiet) io.print(`barewire check ${url?.href ?? `-- ${command.join(' ')}`}\n`);
  try {
    const report = await runCheck(connection, {
      eras: ERAS.filter((era) => flags.era === undefined || era === readEra(flags.era)),
      entries,
      chosen: readCall(flags),
      hasToken: token !== undefined,
      loopback,
      mayBeHostile,
      signal,
      pace,
      seen: options.seen,
      findings: () => traffic.findings,
      ...(quiet
        ? {}
        : {
            discovered: (discovery, tool) => text.discovered(discovery, tool),
            finished: (result) => text.finished(result),
          }),
    });
    if (flags.json) io.print(jsonOf(report));
    else if (flags.junit) io.print(junitOf(report));
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

function printed(io: Io, text: string): number {
  io.print(text);
  return 0;
}

/** Undefined for a command on stdio. @throws WrongSetting */
function readTarget(words: readonly string[], command: readonly string[]): URL | undefined {
  const [word, other] = words;
  if (other !== undefined)
    throw new WrongSetting(`expected one address, received ${JSON.stringify(other)} as well`);
  if (word === undefined) {
    if (command.length > 0) return undefined;
    throw new WrongSetting('expected the address of a server, or -- and a command that starts one');
  }
  if (command.length > 0) throw new WrongSetting('expected an address or a command after --, received both');
  const url = URL.canParse(word) ? new URL(word) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new WrongSetting(
      `expected an address like https://example.com/mcp, received ${JSON.stringify(word)}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new WrongSetting('expected an address without a password; --header sends one');
  return url;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\./.test(hostname)
  );
}

function readEra(text: string): Era {
  const era = ERAS.find((one) => one === text);
  if (era !== undefined) return era;
  throw new WrongSetting(`--era: expected modern or legacy, received ${JSON.stringify(text)}`);
}

function readNumber(flag: string, text: string | undefined, unset: number, most: number): number {
  if (text === undefined) return unset;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  throw new WrongSetting(`${flag}: expected a number from 0 to ${most}, received ${JSON.stringify(text)}`);
}

function readHeaders(texts: readonly string[]): Headers {
  return texts.map((text) => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new WrongSetting(`--header: expected 'Name: value'`);
    return [name, value] as const;
  });
}

function readToken(flags: Flags, environment: Environment): string | undefined {
  const path = flags['token-file'];
  if (path !== undefined) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      throw new WrongSetting(`--token-file: ${path} cannot be read`);
    }
  }
  return flags.token ?? (environment.BAREWIRE_TOKEN || undefined);
}

function readCall({ tool, args }: Flags): { tool: string; arguments: JsonObject | undefined } | undefined {
  if (tool === undefined) {
    if (args !== undefined) throw new WrongSetting('--args: expected --tool with it');
    return undefined;
  }
  if (args === undefined) return { tool, arguments: undefined };
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch {
    value = undefined;
  }
  if (!isRecord(value))
    throw new WrongSetting(`--args: expected a JSON object, received ${JSON.stringify(args)}`);
  return { tool, arguments: value };
}

/** Hostile input may do harm to somebody else's server. */
async function agrees(host: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const question = `${host} is not this machine. The last stage sends hostile input: broken, deeply nested and forged messages.\nMay it be sent there? [y/N] `;
  try {
    return /^y(es)?$/i.test((await lines.question(question, { signal })).trim());
  } finally {
    lines.close();
  }
}
