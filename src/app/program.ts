/** The process: arguments in, servers up, signals down. Everything that can be tested without a process is in app.ts. */

import { reserveStdout, serveStdio } from '../wire/stdio/serve.js';
import { issuersOf, stdioSpeaker } from './access.js';
import { build, start, VERSION } from './app.js';
import { isCommand, runCommand } from './commands/command.js';
import type { Io } from './commands/io.js';
import { identifierOf } from './identifiers.js';
import { fileLimitProblem } from './open-files.js';
import { readArguments } from './settings/arguments.js';
import { type Config, configure, settingsHelp } from './settings/config.js';
import { catchStrayErrors, strayErrors } from './stray-errors.js';
import { boundMemory } from './v8-heap.js';
import { welcome } from './welcome.js';

const USAGE = `barewire ${VERSION}: two MCP servers written by hand on node:http

usage: node dist/server.js [flags]
       node dist/server.js audit verify|tail|query [flags]
       node dist/server.js policy explain --tool NAME [flags]

Each flag has an environment variable; the flag wins. No flag takes a secret, since every program on this machine can read this one's
command line: what stands in parentheses, a URL with a password and an ID:SECRET come from the variable, or from the file that the
line below it names.

${settingsHelp()}
  ${'--help, -h'.padEnd(34)}
      print this and stop
  ${'--version'.padEnd(34)}
      print the version and stop`;

/**
 * For what was asked before stdin ended: `echo … | node dist/server.js --stdio` is to be answered also where the first statement on a
 * machine waits for the demo data. A client that is in a hurry sends SIGTERM (2025-11-25/lifecycle/016).
 */
const AFTER_STDIN_MS = 60_000;

const argv = process.argv.slice(2);
if (isCommand(argv)) process.exitCode = await runCommand(argv, process.env, terminal());
else await serve();

async function serve(): Promise<void> {
  const parsed = readArguments(argv, process.env);
  if (parsed.kind === 'help') console.log(USAGE);
  else if (parsed.kind === 'version') console.log(VERSION);
  else if (parsed.kind === 'wrong') refuse(parsed.message);
  else await run(parsed.config).catch((error: unknown) => refuse(reasonOf(error)));
}

async function run(given: Partial<Config>): Promise<void> {
  boundMemory();
  catchStrayErrors();
  if (given.stdio === true) return runStdio(given);
  const starting = start(given);
  let stopping = false;
  const { lingerMs } = configure(given);
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    // A second signal means: now.
    if (stopping) process.exit(1);
    stopping = true;
    // Ctrl-C is a person who waits; SIGTERM comes from what runs servers, maybe behind a proxy.
    await (await starting).close(signal === 'SIGTERM' ? lingerMs : 0);
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const { addresses, issuers, operatorSecret } = await starting;
  strayErrors.started();
  console.log(welcome(addresses, issuers, { secret: operatorSecret, traced: given.trace }));
}

async function runStdio(given: Partial<Config>): Promise<void> {
  const only = given.only ?? 'readonly';
  if (only === 'authserver' || only === 'registry') throw new Error(`--stdio: the ${only} speaks HTTP only`);
  const config = configure({ ...given, only });
  const output = reserveStdout();
  const building = build(config, issuersOf(config, undefined));
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // By a signal, by the end of stdin, or by both.
    stopped ??= building.then((app) => app.close());
    await stopped;
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  output.on('error', stop); // the client is gone
  const { endpoints, faces, switchboard } = await building;
  if (config.registryUrl !== undefined)
    await switchboard.follow(only, config.registryUrl, identifierOf(config, only));
  const server = endpoints[only]?.server;
  const speaker = await stdioSpeaker(config, only, faces[only].tools);
  strayErrors.started();
  if (server !== undefined)
    await serveStdio(server, process.stdin, output, { ...config, drainMs: AFTER_STDIN_MS }, speaker);
  await stop();
}

/** Lines to a terminal, or to a program that may have read enough. */
function terminal(): Io {
  process.stdout.on('error', () => process.exit(0));
  const enough = new AbortController();
  return {
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
    get signal() {
      process.once('SIGINT', () => enough.abort());
      return enough.signal;
    },
  };
}

function refuse(message: string): void {
  console.error(`barewire: ${message}`);
  process.exitCode = 2;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const limited = fileLimitProblem(error);
  if (limited !== undefined) return limited;
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `port ${error.port} is in use; choose another with --readonly-port, --destructive-port, --registry-port or --authserver-port`;
  }
  return error.message;
}
