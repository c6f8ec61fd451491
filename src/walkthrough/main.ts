/** The process of the walkthrough: command line and terminal in, text and an exit code out. See walk.ts. */
import { resolve } from 'node:path';
import { format, stripVTControlCharacters } from 'node:util';
import { readChapters } from './chapters.js';
import type { Telling } from './narrator.js';
import { type Check, readOptions, USAGE, type Walk } from './options.js';
import { coloured, plain } from './paint.js';
import { listLines } from './print.js';
import { createTheatre, FIXTURES } from './stage.js';
import { check, walk } from './walk.js';

const { stdin, stdout, env } = process;
const WIDTH = 100;
const WIDEST = 240;
/** Nobody reads on: a pipe into `head` is no mistake. */
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
    // A second signal means: now.
    if (stopping) process.exit(code);
    stopping = true;
    await theatre.close();
    process.exit(code);
  };
  process.on('SIGINT', () => stop(130)).on('SIGTERM', () => stop(143));
  stdout.once('error', () => stop(0));
  const telling: Telling = { print: say, look: look(), said: listening() };
  if (task.kind === 'walk' && task.curl) telling.keep = theatre.keep;
  if (task.kind === 'walk' && task.step) {
    if (stdin.isTTY) Object.assign(telling, { pause: enter, slowly });
    else process.stderr.write('--step waits for Enter, and stdin is no terminal: it goes on by itself\n');
  }
  try {
    const done =
      task.kind === 'walk'
        ? await walk(task, theatre, telling)
        : await check({ ...task, file: seenFrom(task.file) }, theatre, telling);
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
  const given = stdout.isTTY ? stdout.columns : Number(env.COLUMNS);
  const width = Math.min(given > 20 ? given : WIDTH, WIDEST);
  return { width, paint: colours ? coloured : plain };
}

/** The servers run in this process and say what is not for the wire on stderr: it is told where it belongs. */
function listening(): () => string[] {
  const said: string[] = [];
  const hear = (...parts: unknown[]): void => {
    const [first = ''] = stripVTControlCharacters(format(...parts)).split('\n');
    // The authorization server's library does not list Node 20.
    if (!first.startsWith('oidc-provider WARNING')) said.push(first);
  };
  console.error = hear;
  console.warn = hear;
  return () => said.splice(0);
}

/** npm runs scripts in the project's folder, wherever it was called. */
function seenFrom(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(env.INIT_CWD ?? '.', file);
}

function enter(): Promise<void> {
  stdout.write('\nEnter sends it ');
  return entered();
}

/** The line ends with the Enter that asks for the next. */
function slowly(line: string): Promise<void> {
  stdout.write(line);
  return entered();
}

function entered(): Promise<void> {
  // Nobody presses anything any more.
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
