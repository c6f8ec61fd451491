/** The process: reads the arguments, starts the servers, stops them on a signal. app.ts has what can be tested without one. */

import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { reserveStdout } from '../wire/stdio/own-stdout.js';
import { serveStdio } from '../wire/stdio/serve.js';
import { issuersOf, stdioSpeaker } from './access.js';
import { start } from './app.js';
import { build, VERSION } from './build.js';
import { isCommand, runCommand } from './commands/command.js';
import type { Io } from './commands/io.js';
import { isLocalOnly, linksOf } from './links.js';
import { configureLog, report } from './log/log.js';
import { catchStrayErrors, strayErrors } from './log/stray-errors.js';
import { fileLimitProblem } from './open-files.js';
import { portInUseProblem } from './port-in-use.js';
import { readArguments } from './settings/arguments.js';
import { type Config, identifierOf, serversOf } from './settings/config.js';
import { helpText } from './settings/help.js';
import { checkTogether } from './settings/together.js';
import { welcome } from './welcome.js';

/**
 * How long calls may run after stdin ends: `echo … | node dist/server.js --stdio` gets its answer even when the first statement
 * on a machine waits for the demo data. A client in a hurry sends SIGTERM (2025-11-25/lifecycle/016).
 */
const AFTER_STDIN_MS = 60_000;
/** Of the space for short-lived objects, both halves together. */
const MAX_NEW_SPACE_BYTES = 16 * 1024 * 1024;
/** How much the space for the other objects may grow, in per cent of what lives there, before it is collected. */
const HEAP_GROWTH_PERCENT = 25;

const argv = process.argv.slice(2);
if (isCommand(argv)) process.exitCode = await runCommand(argv, process.env, terminal());
else await serve();

async function serve(): Promise<void> {
  const warnings: string[] = [];
  const parsed = readArguments(argv, process.env, (line) => warnings.push(line));
  if (parsed.kind === 'help') console.log(helpText(VERSION, parsed.topic));
  else if (parsed.kind === 'version') console.log(VERSION);
  else if (parsed.kind === 'wrong') refuse(parsed.message);
  else
    await run(parsed.config, warnings).catch(async (error: unknown) =>
      refuse(await reasonOf(error, parsed.config)),
    );
}

async function run(config: Config, warnings: readonly string[]): Promise<void> {
  configureLog(config);
  for (const warning of warnings) report(warning, 'process.setting-doubtful');
  boundMemory();
  catchStrayErrors();
  if (config.stdio) return runStdio(config);
  // Servers that nobody learns from start without it.
  const { createLesson } = teaches(config) ? await import('./lesson.js') : {};
  const lesson = createLesson?.(report);
  const starting = start(config, { lesson });
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    // A second signal means: stop immediately.
    if (stopping) process.exit(1);
    stopping = true;
    if (signal === 'SIGINT') console.log('\nbarewire is stopping; Ctrl-C again stops it at once.');
    // Ctrl-C comes from a person who waits, SIGTERM from a supervisor, perhaps of a server behind a proxy.
    await (await starting).close(signal === 'SIGTERM' ? config.lingerMs : 0);
    await lesson?.close();
    if (signal === 'SIGINT') console.log('barewire has stopped.');
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const { addresses, issuers, operatorSecret } = await starting;
  strayErrors.started();
  const { learn } = linksOf(addresses, isLocalOnly(config), lesson !== undefined);
  console.log(welcome(addresses, issuers, { secret: operatorSecret, isTraced: config.trace, learn }));
}

/** Whether a learner may reach the lesson, and nobody else. */
function teaches(config: Config): boolean {
  const hasServer = config.only === undefined || config.only === 'readonly' || config.only === 'destructive';
  return !config.noLearn && hasServer && isLocalOnly(config);
}

async function runStdio(parsed: Config): Promise<void> {
  await checkTogether(parsed);
  const [only = 'readonly'] = serversOf(parsed);
  const config = { ...parsed, only };
  const output = reserveStdout();
  const building = build(config, issuersOf(config, undefined));
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    // A signal and the end of stdin can both get here.
    stopping ??= building.then((app) => app.close());
    await stopping;
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  output.on('error', stop); // the client is gone
  const { endpoints, definitions, switchboard } = await building;
  if (config.registryUrl !== undefined)
    await switchboard.follow(only, config.registryUrl, identifierOf(config, only));
  const server = endpoints[only]?.server;
  const speaker = await stdioSpeaker(config, only, () => definitions[only].tools);
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

async function reasonOf(error: unknown, config: Config): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  return fileLimitProblem(error) ?? (await portInUseProblem(error, config)) ?? error.message;
}

/**
 * Under load V8 enlarges the space for short-lived objects up to 128 MB. That makes no call faster, and the process 100 MB
 * larger, so this stops it at 16 MB. It also lets the heap grow to several times what lives in it: a registry with 10,000 servers
 * held 490 MiB, and holds 310 with this, for the same processor time.
 *
 * @see https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib the flag for it, which has no effect after the start
 */
function boundMemory(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
  let mayGrow = true;
  // A collection enlarges the space, or shrinks it in an idle process, so it is checked after each one.
  const observer = new PerformanceObserver(() => {
    const isSmall = newSpaceBytes() < MAX_NEW_SPACE_BYTES;
    if (isSmall === mayGrow) return;
    mayGrow = isSmall;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  });
  observer.observe({ entryTypes: ['gc'] });
}

function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
