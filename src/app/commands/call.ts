/** `call` and `list`: reads the command line, and connects src/cli/call with this process. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openBrowser } from '../../cli/browser.js';
import { MAX_BYTES } from '../../cli/call/arguments.js';
import { CALL_HELP, LIST_HELP } from '../../cli/call/help.js';
import {
  type Invocation,
  PARTS,
  readCall,
  readList,
  splitCommand,
  type Target,
  WrongUsage,
} from '../../cli/call/invocation.js';
import { runCall } from '../../cli/call/run.js';
import { Screen } from '../../cli/call/screen.js';
import { showFetch } from '../../cli/call/show-fetch.js';
import { lookOf } from '../../lesson/look.js';
import { now } from '../../wire/clock.js';
import { LOG_LEVELS, type LogLevel } from '../../wire/mcp/definitions.js';
import { VERSION } from '../build.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import { CLIENT_FLAGS, clientHelp, readClientFlags } from './client-flags.js';
import type { Io } from './io.js';

const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
const SHARED = {
  ...CLIENT_FLAGS,
  help: { type: 'boolean', short: 'h' },
  json: SWITCH,
  show: SWITCH,
  curl: SWITCH,
} as const;
const CALL_FLAGS = {
  ...SHARED,
  read: TEXT,
  prompt: TEXT,
  root: { type: 'string', multiple: true },
  'no-browser': SWITCH,
  'no-validate': SWITCH,
  log: TEXT,
} as const;
const LIST_FLAGS = {
  ...SHARED,
  'no-browser': SWITCH,
  tools: SWITCH,
  resources: SWITCH,
  templates: SWITCH,
  prompts: SWITCH,
} as const;

export async function callCommand(
  args: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const { own, command } = splitCommand(args);
  const { values, positionals } = parseFlags(own, CALL_FLAGS, 'call --help', true);
  if (values.help === true) return help(CALL_HELP, io);
  const invocation = readCall(positionals, command, values);
  const roots = (values.root ?? []).map(readRoot);
  return run(invocation, { ...values, roots, validate: values['no-validate'] !== true }, environment, io);
}

export async function listCommand(
  args: readonly string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  const { own, command } = splitCommand(args);
  const { values, positionals } = parseFlags(own, LIST_FLAGS, 'list --help', true);
  if (values.help === true) return help(LIST_HELP, io);
  const invocation = readList(
    positionals,
    command,
    PARTS.filter((part) => values[part] === true),
  );
  return run(invocation, { ...values, roots: [], validate: true }, environment, io);
}

type Values = { [flag: string]: unknown; roots: string[]; validate: boolean };

async function run(
  invocation: Invocation,
  values: Values,
  environment: Environment,
  io: Io,
): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const stdinWord = 'words' in invocation.action && invocation.action.words.includes('-');
  const isAttended = stdin.isTTY && stderr.isTTY && !stdinWord;
  const screen = new Screen({
    look: lookOf(stderr, environment),
    write: (text) => void stderr.write(text),
    keyboard: isAttended ? stdin : undefined,
    redraws: stderr.isTTY === true,
  });
  const { signal } = io;
  const client = readClientFlags(values, environment, (line) => screen.say(`barewire: ${line}`));
  const browser = values['no-browser'] !== true;
  const open = async (url: URL): Promise<boolean> => browser && (await openBrowser(url));
  const interaction = {
    open: async (url: URL) => void (await open(url)),
    say: (line: string) => screen.say(line),
  };
  const { target } = invocation;
  const print = (text: string): void => screen.say(text.replace(/\n$/, ''));
  const showingFetch = values.show === true ? showFetch(screen.look, print, now) : undefined;
  const person = { interaction, signal, fetch: showingFetch };
  if (target.kind === 'stdio') refuseWebFlags(values);
  const tokens = target.kind === 'http' ? client.tokens(target.url, person) : undefined;
  const { headers, era, revision, timeoutMs, givenToken } = client;
  const logLevel = readLogLevel(values.log);
  return runCall(
    {
      ...{ invocation, headers, era, revision, timeoutMs, givenToken, tokens, logLevel },
      proxy: proxyOf(environment, target),
      roots: values.roots,
      validate: values.validate,
      json: values.json === true,
      show: values.show === true,
      curl: values.curl === true,
    },
    {
      screen,
      print: io.print,
      look: { ...lookOf(stdout, environment), exact: stdout.isTTY !== true },
      signal,
      readStdin: () => readBounded(stdin),
      open,
      now,
      clientInfo: { name: 'barewire', title: 'barewire call', version: VERSION },
    },
  );
}

async function readBounded(stdin: NodeJS.ReadStream): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin) {
    length += part.length;
    if (length > MAX_BYTES) throw new WrongUsage(`-: expected at most ${MAX_BYTES} bytes on stdin`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A program that this process starts needs no token, and knows no header. */
function refuseWebFlags(values: Values): void {
  const web = [
    'header',
    'token',
    'token-file',
    'client-id',
    'client-secret',
    'client-secret-file',
    'scope',
    'device',
    'curl',
  ];
  const [webFlag] = web.filter((flag) => values[flag] !== undefined);
  if (webFlag !== undefined)
    throw new WrongSetting(`--${webFlag}: expected a server at a URL, received a command`);
}

function readRoot(path: string): string {
  const folder = resolve(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new WrongSetting(`--root: expected a folder, received ${JSON.stringify(path)}`);
}

/** As other programs read it. The client does not use it, but says so where a connection fails. */
function proxyOf(environment: Environment, target: Target): string | undefined {
  if (target.kind === 'stdio') return undefined;
  const names = [target.url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY'];
  const [proxy] = names.map((name) => environment[name] || environment[name.toLowerCase()]).filter(Boolean);
  return proxy === undefined || !URL.canParse(proxy) ? undefined : new URL(proxy).host;
}

function readLogLevel(level: unknown): LogLevel | undefined {
  if (level === undefined) return undefined;
  const logLevel = LOG_LEVELS.find((one) => one === level);
  if (logLevel !== undefined) return logLevel;
  throw new WrongSetting(`--log: expected ${LOG_LEVELS.join(', ')}, received ${JSON.stringify(level)}`);
}

function help(words: string, io: Io): number {
  io.print(`${words}\n\n${clientHelp()}`);
  return 0;
}
