/** The process: reads the arguments, starts the servers, stops them on a signal. app.ts has what can be tested without one. */

import { reserveStdout } from '../wire/stdio/own-stdout.js';
import { serveStdio } from '../wire/stdio/serve.js';
import { issuersOf, stdioSpeaker } from './access.js';
import { build, start, VERSION } from './app.js';
import { isCommand, runCommand } from './commands/command.js';
import type { Io } from './commands/io.js';
import { identifierOf } from './identifiers.js';
import { fileLimitProblem } from './open-files.js';
import { readArguments } from './settings/arguments.js';
import type { Config } from './settings/config.js';
import { helpText } from './settings/help.js';
import { catchStrayErrors, strayErrors } from './stray-errors.js';
import { boundMemory } from './v8-heap.js';
import { welcome } from './welcome.js';

/**
 * How long calls may run after stdin ends: `echo … | node dist/server.js --stdio` gets its answer even when the first statement
 * on a machine waits for the demo data. A client in a hurry sends SIGTERM (2025-11-25/lifecycle/016).
 */
const AFTER_STDIN_MS = 60_000;

const argv = process.argv.slice(2);
if (isCommand(argv)) process.exitCode = await runCommand(argv, process.env, terminal());
else await serve();

async function serve(): Promise<void> {
  const parsed = readArguments(argv, process.env);
  if (parsed.kind === 'help') console.log(helpText(VERSION, parsed.topic));
  else if (parsed.kind === 'version') console.log(VERSION);
  else if (parsed.kind === 'wrong') refuse(parsed.message);
  else await run(parsed.config).catch((error: unknown) => refuse(reasonOf(error)));
}

async function run(config: Config): Promise<void> {
  boundMemory();
  catchStrayErrors();
  if (config.stdio) return runStdio(config);
  const starting = start(config);
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    // A second signal means: stop immediately.
    if (stopping) process.exit(1);
    stopping = true;
    // Ctrl-C comes from a person who waits, SIGTERM from a supervisor, perhaps of a server behind a proxy.
    await (await starting).close(signal === 'SIGTERM' ? config.lingerMs : 0);
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const { addresses, issuers, operatorSecret } = await starting;
  strayErrors.started();
  console.log(welcome(addresses, issuers, { secret: operatorSecret, traced: config.trace }));
}

async function runStdio(parsed: Config): Promise<void> {
  const only = parsed.only ?? 'readonly';
  if (only === 'authserver' || only === 'registry') throw new Error(`--stdio: the ${only} speaks HTTP only`);
  const config = { ...parsed, only };
  const output = reserveStdout();
  const building = build(config, issuersOf(config, undefined));
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // A signal and the end of stdin can both get here.
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

/** For a person at a terminal, or for a program such as `head`, which may stop reading early. */
function terminal(): Io {
  process.stdout.on('error', () => process.exit(0));
  const interrupt = new AbortController();
  return {
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
    get signal() {
      process.once('SIGINT', () => interrupt.abort());
      return interrupt.signal;
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
