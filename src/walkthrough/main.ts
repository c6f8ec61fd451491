/** The process of the walkthrough: reads the command line, prints to the terminal, and sets the exit code. See walk.ts. */
import { join, resolve } from 'node:path';
import { format, stripVTControlCharacters } from 'node:util';
import { stateFolderOf } from '../app/settings/config.js';
import { createTheatre } from '../app/theatre/theatre.js';
import { lookOf } from '../lesson/look.js';
import { check } from './check.js';
import { Keys } from './keys.js';
import type { Telling } from './narrator.js';
import { type Options, readOptions, USAGE } from './options.js';
import { ProgressFile } from './progress.js';
import { Tour } from './walk.js';

const { stdin, stdout, env } = process;
/** Nobody reads a list of tools to its end while it scrolls by. */
const MAX_LINES = 60;
/** Back to the beginning of the line, and clear it. */
const ERASE_LINE = '\r\x1b[2K';
// Piping into `head` closes stdout early, which is fine.
stdout.on('error', () => {});

const options = readOptions(process.argv.slice(2));
if (options.kind === 'help') say(USAGE);
else if (options.kind === 'wrong') {
  process.stderr.write(`${options.message}\n`);
  process.exitCode = 1;
} else process.exitCode = await run(options);

async function run(task: Exclude<Options, { kind: 'help' | 'wrong' }>): Promise<number> {
  const theatre = createTheatre();
  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    // A second signal exits at once.
    if (stopping) process.exit(code);
    stopping = true;
    keys?.close();
    await theatre.close();
    process.exit(code);
  };
  process.on('SIGINT', () => stop(130)).on('SIGTERM', () => stop(143));
  stdout.once('error', () => stop(0));
  const quit = (): void => {
    if (!stopping) stdout.write(`${ERASE_LINE}npm run walkthrough goes on here.\n`);
    void stop(0);
  };
  const waits = task.kind === 'resume' || (task.kind === 'walk' && !task.all);
  const keys = waits && stdin.isTTY && stdout.isTTY ? new Keys(stdin, quit, () => stop(130)) : undefined;
  const telling: Telling = {
    print: say,
    look: lookOf(stdout, env),
    takeServerOutput: captureServerOutput(),
    tokens: new Set(),
  };
  if (keys !== undefined) {
    telling.pause = (what) => pause(keys, what);
    telling.look.maxLines = MAX_LINES;
  }
  if ('curl' in task && task.curl) telling.saveSecret = theatre.saveSecret;
  const progress = new ProgressFile(
    join(stateFolderOf({ stateHome: env.XDG_STATE_HOME || undefined }), 'lesson.json'),
    warn,
  );
  if (task.kind === 'resume' && task.restart) progress.forget();
  const tour = new Tour(theatre, telling, progress);
  try {
    if (task.kind === 'list') tour.list();
    else if (task.kind === 'resume') return (await tour.resume()) ? 0 : 1;
    else if (task.kind === 'walk') return (await tour.walk(task)) ? 0 : 1;
    else {
      const file = fromCallersFolder(task.file);
      return (await check({ ...task, file }, theatre, telling, progress)) ? 0 : 1;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${format(error)}\n`);
    return 1;
  } finally {
    keys?.close();
    await theatre.close();
  }
}

function say(line: string): void {
  stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The prompt disappears, so that the text reads as one piece later. */
async function pause(keys: Keys, what: string): Promise<void> {
  stdout.write(`\n${what} · q quits `);
  await keys.untilEnter();
  stdout.write(ERASE_LINE);
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
