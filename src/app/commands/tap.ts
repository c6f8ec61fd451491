/** `tap URL` and `tap -- COMMAND`: reads the flags; src/cli/tap/ does the rest. */
import { readFileSync } from 'node:fs';
import { type HttpTapOptions, runHttpTap } from '../../cli/tap/http/run.js';
import { openLog } from '../../cli/tap/log.js';
import { runStdioTap } from '../../cli/tap/stdio/run.js';
import { lookOf, traceLook } from '../../lesson/look.js';
import type { Look } from '../../lesson/trace/terminal.js';
import { preview } from '../../wire/value.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import type { Environment } from '../settings/sources.js';
import type { Io } from './io.js';

const HELP = `usage: barewire tap URL [flags]
       barewire tap [flags] -- COMMAND [ARGUMENTS]

stands between an MCP client and an MCP server and shows what they say: every message with notes,
and each violation of the specification. Messages pass unchanged.

tap URL            listens on this machine, and passes everything on to the server at URL. Give your
                   client the address that the tap prints
  --port N         where the client finds the tap (default: 4100)
  --token-file F   sends the access token in this file, for clients that cannot sign in themselves
  --header 'N: V'  sends this header to the server, in place of the client's; may be repeated
  --timeout S      seconds that the server may take to begin an answer (default: 300)
  --quiet          prints no traffic; the trace page shows it

tap -- COMMAND     starts the command and connects the tap's stdin and stdout to it. Put it in
                   front of the command in the configuration of your client. Nothing else is
                   written to stdout
  --log FILE       appends the traffic with its notes to this file, and the address of the page
  --print          the same on stderr

both
  --page-port N    the port of the trace page (default: any that is free)
  --save FOLDER    saves each exchange as a transcript (.wire)

examples
  barewire tap http://localhost:3000/mcp
  barewire tap https://mcp.example.com/mcp --port 4200 --save ./traffic
  barewire tap --log tap.log -- npx -y @modelcontextprotocol/server-everything

A server with a certificate of your own: set NODE_EXTRA_CA_CERTS to its file.
How to put Claude Code, VS Code, Cursor and others behind it:
  https://github.com/barewire/barewire/blob/main/src/cli/tap/hosts.md`;

const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
const BOTH = { 'page-port': TEXT, save: TEXT } as const;
const HTTP = {
  port: TEXT,
  'token-file': TEXT,
  header: { type: 'string', multiple: true },
  timeout: TEXT,
  quiet: SWITCH,
} as const;
const STDIO = { log: TEXT, print: SWITCH } as const;
const ADVICE = 'tap --help';
const DEFAULT_PORT = 4100;
const DEFAULT_TIMEOUT_S = 300;

export async function tapCommand(args: readonly string[], environment: Environment, io: Io): Promise<number> {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  if (flags.some((word) => word === '--help' || word === '-h')) {
    io.print(HELP);
    return 0;
  }
  return end < 0 ? tapUrl(flags, environment, io) : tapCommandLine(flags, args.slice(end + 1), environment);
}

/** Prints nothing to stdout, which belongs to the two sides. */
async function tapCommandLine(
  flags: readonly string[],
  command: readonly string[],
  environment: Environment,
): Promise<number> {
  const { values } = parseFlags(flags, { ...BOTH, ...STDIO }, ADVICE);
  if (command.length === 0) throw new WrongSetting('expected a command after --');
  const { stdin, stdout, stderr } = process;
  const complain = (text: string): void => void stderr.write(`barewire tap: ${text}\n`);
  const log = values.log === undefined ? undefined : await openLog(values.log, complain);
  const look = (): Look => traceLook(lookOf(values.print === true ? stderr : {}, environment));
  const write = (text: string): void => {
    log?.write(text);
    if (values.print === true) stderr.write(text);
  };
  try {
    const { code, signal } = await runStdioTap({
      command,
      terminal: log === undefined && values.print !== true ? undefined : { write, look },
      note(text) {
        complain(text);
        log?.write(`* ${text}\n`);
      },
      pagePort: readNumber('--page-port', values['page-port'], 0, MAX_PORT),
      save: values.save,
      ...{ stdin, stdout, isTerminal: stdin.isTTY === true, signals: process },
    });
    await log?.close();
    // The client sees the end that it would see without the tap.
    if (signal !== null) process.kill(process.pid, signal);
    return code ?? 1;
  } finally {
    stdin.destroy();
  }
}

async function tapUrl(args: readonly string[], environment: Environment, io: Io): Promise<number> {
  const { values, positionals } = parseFlags(args, { ...BOTH, ...HTTP }, ADVICE, true);
  const { stdout } = process;
  const options: HttpTapOptions = {
    target: readTarget(positionals),
    port: readNumber('--port', values.port, DEFAULT_PORT, MAX_PORT),
    pagePort: readNumber('--page-port', values['page-port'], 0, MAX_PORT),
    timeoutMs: readNumber('--timeout', values.timeout, DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S) * 1_000,
    extraHeaders: [...readHeaders(values.header ?? []), ...readToken(values['token-file'])],
    save: values.save,
    terminal:
      values.quiet === true
        ? undefined
        : {
            write: (text) => void stdout.write(text),
            look: () => traceLook(lookOf(stdout, environment)),
          },
    print: io.print,
    signal: io.signal,
  };
  // A supervisor ends it like a person does.
  const termination = new AbortController();
  const end = (): void => termination.abort();
  process.once('SIGTERM', end);
  try {
    return await runHttpTap({ ...options, signal: AbortSignal.any([io.signal, termination.signal]) });
  } finally {
    process.off('SIGTERM', end);
  }
}

const MAX_PORT = 65_535;
const MAX_TIMEOUT_S = 86_400;

function readTarget(words: readonly string[]): URL {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0)
    throw new WrongSetting(
      `expected one URL, or -- and a command, received ${words.length === 0 ? 'neither' : words.map(preview).join(' and ')}; ${ADVICE} has examples`,
    );
  const url = URL.canParse(word) ? new URL(word) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new WrongSetting(
      `expected a URL such as http://localhost:3000/mcp, received ${preview(word)}; a command comes after --`,
    );
  if (url.username !== '' || url.password !== '')
    throw new WrongSetting('expected a URL without user and password; use --token-file or --header');
  url.hash = '';
  return url;
}

function readNumber(flag: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value <= max) return value;
  throw new WrongSetting(`${flag}: expected a number from 0 to ${max}, received ${preview(text)}`);
}

function readHeaders(texts: readonly string[]): [name: string, value: string][] {
  return texts.map((text) => {
    const colon = text.indexOf(':');
    const [name, value] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1).trim()];
    if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return [name, value];
    throw new WrongSetting("--header: expected 'Name: value'");
  });
}

function readToken(file: string | undefined): [name: string, value: string][] {
  if (file === undefined) return [];
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new WrongSetting(`--token-file: ${error instanceof Error ? error.message : error}`);
  }
  if (/^[\x21-\x7e]+$/.test(token)) return [['Authorization', `Bearer ${token}`]];
  throw new WrongSetting(`--token-file: expected one token in ${file}, and nothing else`);
}
