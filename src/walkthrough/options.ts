/** Reads the command line of the walkthrough: what to do, or one line about what is wrong. */
import { parseArgs } from 'node:util';

/** Goes on where the reader stopped. */
export type Resume = { kind: 'resume'; restart: boolean; curl: boolean };
export type Walk = {
  kind: 'walk';
  /** A number or a name. */
  chapter: string | undefined;
  only: string | undefined;
  /** Edge cases too, not only the transcripts of the chapters' pages. */
  edge: boolean;
  /** Without waiting for the reader. */
  all: boolean;
  curl: boolean;
};
export type Check = { kind: 'check'; chapter: string; file: string | undefined };
export type Options =
  | Resume
  | Walk
  | Check
  | { kind: 'list' }
  | { kind: 'help' }
  | { kind: 'wrong'; message: string };

export const USAGE = `The lesson of barewire, in the terminal. Starts servers, plays the transcripts of spec-fixtures/ against them, and explains
every byte, every decision and its reason. Without flags it lists the chapters and goes on where you stopped.

usage: npm run walkthrough -- [flags]
       node dist/walkthrough/main.js [flags]

  --chapter N    play one chapter, by number or name
  --edge         with --chapter: its edge cases too
  --only WORD    play the transcripts whose path contains WORD
  --all          do not wait for Enter; without --chapter or --only, play everything
  --curl         print each request as a curl command, which you can try while the servers are up
  --check N      check your solution of the chapter's exercise
  --file PATH    with --check: your solution is in this file, not in the exercise itself
  --list         list the chapters, and how far you are
  --restart      forget how far you are
  --help         print this

On a terminal, each exchange waits: Enter sends the request, Enter goes on to the next one, and q quits.`;

const OPTIONS = {
  chapter: { type: 'string' },
  only: { type: 'string' },
  edge: { type: 'boolean' },
  all: { type: 'boolean' },
  curl: { type: 'boolean' },
  check: { type: 'string' },
  file: { type: 'string' },
  list: { type: 'boolean' },
  restart: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function readOptions(argv: readonly string[]): Options {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    // The first sentence of Node's message is enough.
    return wrong((error instanceof Error ? error.message.split('. ')[0] : undefined) ?? String(error));
  }
  const { chapter, only, edge = false, all = false, curl = false, check, file, restart = false } = values;
  if (values.help === true) return { kind: 'help' };
  if (values.list === true) return { kind: 'list' };
  const walks = chapter !== undefined || only !== undefined || edge || all;
  if (check !== undefined) {
    if (walks || curl || restart) return wrong('--check takes no other flag than --file');
    return { kind: 'check', chapter: check, file };
  }
  if (file !== undefined) return wrong('--file needs --check');
  if (!walks) return { kind: 'resume', restart, curl };
  if (restart) return wrong('--restart takes no other flag than --curl');
  if (edge && chapter === undefined) return wrong('--edge needs --chapter');
  return { kind: 'walk', chapter, only, edge: edge || all || only !== undefined, all, curl };
}

function wrong(problem: string): Options {
  return { kind: 'wrong', message: `${problem}; --help lists the flags` };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
}
