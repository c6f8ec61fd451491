/** The process of the walkthrough: reads the command line, prints to the terminal, and sets the exit code. See walk.ts. */
import { resolve } from 'node:path';
import { format, stripVTControlCharacters } from 'node:util';
import { createTheatre } from '../app/theatre/theatre.js';
import { readChapters } from '../lesson/chapters.js';
import { FIXTURES } from '../lesson/files.js';
import { coloured, plain } from './columns.js';
import type { Telling } from './narrator.js';
import { type Check, readOptions, USAGE, type Walk } from './options.js';
import { listLines } from './print.js';
import { check, walk } from './walk.js';

const { stdin, stdout, env } = process;
const DEFAULT_WIDTH = 100;
const MAX_WIDTH = 240;
// Piping into `head` closes stdout early, which is fine.
stdout.on('error', () => {});

const options = readOptions(process.argv.slice(2));
if (options.kind === 'help') say(USAGE);
else if (options.kind === 'list') for (const line of listLines(readChapters(FIXTURES))) say(line);
else if (options.kind === 'wrong') {
  process.stderr.write(`${options.message}\n`);
  process.exitCode = 1;
} else process.exitCode = await run(options);

async function run(task: Walk | Check): Promise<number> {
  const theatre = createTheatre();
  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    // A second signal exits at once.
    if (stopping) process.exit(code);
    stopping = true;
    await theatre.close();
    process.exit(code);
  };
  process.on('SIGINT', () => stop(130)).on('SIGTERM', () => stop(143));
  stdout.once('error', () => stop(0));
  const telling: Telling = { print: say, look: look(), takeServerOutput: captureServerOutput() };
  if (task.kind === 'walk' && task.curl) telling.saveSecret = theatre.saveSecret;
  if (task.kind === 'walk' && task.step) {
    if (stdin.isTTY) Object.assign(telling, { pause, slowly });
    else
      process.stderr.write('--step waits for Enter, but stdin is not a terminal, so it goes on by itself\n');
  }
  try {
    const done =
      task.kind === 'walk'
        ? await walk(task, theatre, telling)
        : await check({ ...task, file: fromCallersFolder(task.file) }, theatre, telling);
    return done ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${format(error)}\n`);
    return 1;
  } finally {
    await theatre.close();
  }
}

function say(line: string): void {
  stdout.write(`${line}\n`);
}

function look(): Telling['look'] {
  const colours = stdout.isTTY && (env.NO_COLOR === undefined || env.NO_COLOR === '');
  const columns = stdout.isTTY ? stdout.columns : Number(env.COLUMNS);
  const width = Math.min(columns > 20 ? columns : DEFAULT_WIDTH, MAX_WIDTH);
  return { width, paint: colours ? coloured : plain };
}

/** The servers run in this process. Their log lines are printed with the exchange that they belong to. */
function captureServerOutput(): () => string[] {
  const lines: string[] = [];
  const capture = (...parts: unknown[]): void => {
    const [first = ''] = stripVTControlCharacters(format(...parts)).split('\n');
    // The authorization server's library does not support Node 20 officially.
    if (!first.startsWith('oidc-provider WARNING')) lines.push(first);
  };
  console.error = capture;
  console.warn = capture;
  return () => lines.splice(0);
}

/** npm runs scripts in the project's folder, wherever the user called it. */
function fromCallersFolder(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(env.INIT_CWD ?? '.', file);
}

function pause(): Promise<void> {
  stdout.write('\nEnter sends it ');
  return untilEnter();
}

/** The reader's Enter ends the line. */
function slowly(line: string): Promise<void> {
  stdout.write(line);
  return untilEnter();
}

function untilEnter(): Promise<void> {
  // At the end of stdin, nobody can press Enter any more.
  if (stdin.readableEnded) return Promise.resolve();
  return new Promise((resolved) => {
    const go = (): void => {
      stdin.pause();
      stdin.off('data', go).off('end', go);
      resolved();
    };
    stdin.once('data', go).once('end', go).resume();
  });
}
