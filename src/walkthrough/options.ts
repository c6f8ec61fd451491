/** The command line of the walkthrough to what it is to do, or one clear line about what is wrong. */
import { parseArgs } from 'node:util';

export type Walk = {
  kind: 'walk';
  /** A number or a name. */
  chapter: string | undefined;
  only: string | undefined;
  step: boolean;
  curl: boolean;
};
export type Check = { kind: 'check'; chapter: string; file: string | undefined };
export type Options = Walk | Check | { kind: 'list' } | { kind: 'help' } | { kind: 'wrong'; message: string };

export const USAGE = `The lesson of barewire: plays the transcripts of spec-fixtures/ against servers that it starts, and shows each byte,
each decision and its reason.

usage: npm run walkthrough -- [flags]
       node dist/walkthrough/main.js [flags]

  --chapter N    one chapter, by its number or its name
  --only WORD    transcripts whose path contains it
  --step         waits for Enter before each exchange, and then shows it line by line
  --curl         prints a line for a shell with each request; with --step the servers are there to try it
  --check N      looks at your solution of the chapter's exercise
  --file PATH    which is in this file, and not in the exercise itself
  --list         chapters and how many transcripts they have
  --help         prints this`;

const OPTIONS = {
  chapter: { type: 'string' },
  only: { type: 'string' },
  step: { type: 'boolean' },
  curl: { type: 'boolean' },
  check: { type: 'string' },
  file: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function readOptions(argv: readonly string[]): Options {
  const wrong = (problem: string): Options => ({
    kind: 'wrong',
    message: `${problem}; --help lists the flags`,
  });
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    // node's sentences run on with advice; the first says it all.
    return wrong((error instanceof Error ? error.message.split('. ')[0] : undefined) ?? String(error));
  }
  const { chapter, only, step = false, curl = false, check, file } = values;
  if (values.help === true) return { kind: 'help' };
  if (values.list === true) return { kind: 'list' };
  if (check === undefined)
    return file === undefined ? { kind: 'walk', chapter, only, step, curl } : wrong('--file needs --check');
  if (chapter !== undefined || only !== undefined || step || curl)
    return wrong('--check goes with --file alone');
  return { kind: 'check', chapter: check, file };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
}
