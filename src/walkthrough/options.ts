/** Reads the command line of the walkthrough: what to do, or one line about what is wrong. */
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

export const USAGE = `The lesson of barewire. Starts servers, plays the transcripts of spec-fixtures/ against them, and shows every byte, every
decision and its reason.

usage: npm run walkthrough -- [flags]
       node dist/walkthrough/main.js [flags]

  --chapter N    play one chapter, by number or name
  --only WORD    play the transcripts whose path contains WORD
  --step         wait for Enter before each exchange, then show it line by line
  --curl         print each request as a curl command; with --step, the servers are up and you can try it
  --check N      check your solution of the chapter's exercise
  --file PATH    with --check: your solution is in this file, not in the exercise itself
  --list         list the chapters and how many transcripts they have
  --help         print this`;

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
    // The first sentence of Node's message is enough.
    return wrong((error instanceof Error ? error.message.split('. ')[0] : undefined) ?? String(error));
  }
  const { chapter, only, step = false, curl = false, check, file } = values;
  if (values.help === true) return { kind: 'help' };
  if (values.list === true) return { kind: 'list' };
  if (check === undefined)
    return file === undefined ? { kind: 'walk', chapter, only, step, curl } : wrong('--file needs --check');
  if (chapter !== undefined || only !== undefined || step || curl)
    return wrong('--check takes no other flag than --file');
  return { kind: 'check', chapter: check, file };
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
}
