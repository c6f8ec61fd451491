/** Runs `call` and `list` in this process, with a person who answers each prompt with the next of the given lines. */
import { PassThrough } from 'node:stream';
import { parseArgs } from 'node:util';
import { PARTS, readCall, readList, splitCommand } from '../../src/cli/call/invocation.js';
import { runCall } from '../../src/cli/call/run.js';
import { Screen } from '../../src/cli/call/screen.js';
import type { CallSettings } from '../../src/cli/call/settings.js';
import { plain } from '../../src/lesson/look.js';

export type Outcome = { code: number; out: string; err: string; opened: string[] };
export type Person = {
  /** Nobody is there if this is undefined. `null` is Ctrl-D. */
  types?: readonly (string | null)[];
  /** What the person does on a page that the browser opens. */
  visits?: (page: string) => Promise<unknown>;
  /** Called with everything on the screen after each change. */
  sees?: (text: string) => void;
  signal?: AbortSignal;
  stdin?: string;
  /** Whether stdout is a terminal. */
  terminal?: boolean;
};

const PROMPT = /(: |\) |\. )$/;

/** @param line as after `barewire`: `call URL tool a=1`, split at spaces */
export async function barewire(
  line: string | readonly string[],
  settings: Partial<CallSettings> = {},
  { types, sees, visits, signal = new AbortController().signal, stdin = '', terminal = false }: Person = {},
): Promise<Outcome> {
  const [command = '', ...args] = typeof line === 'string' ? line.split(' ') : line;
  const { own, command: program } = splitCommand(args);
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = { read: text, prompt: text, tools: flag, resources: flag, templates: flag, prompts: flag };
  const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true });
  const invocation =
    command === 'call'
      ? readCall(positionals, program, values)
      : readList(
          positionals,
          program,
          PARTS.filter((part) => values[part] === true),
        );
  const keyboard = new PassThrough();
  const answers = [...(types ?? [])];
  const out: string[] = [];
  const opened: string[] = [];
  let err = '';
  const screen = new Screen({
    look: { width: 100, paint: plain },
    keyboard: types === undefined ? undefined : keyboard,
    redraws: false,
    write(written) {
      err += written;
      sees?.(err);
      if (types === undefined || !PROMPT.test(written)) return;
      const [answer = null] = answers.splice(0, 1);
      // After the question has begun to wait.
      setImmediate(() => (answer === null ? keyboard.end() : keyboard.write(`${answer}\n`)));
    },
  });
  const code = await runCall(
    {
      invocation,
      ...{ era: undefined, revision: undefined, headers: [], timeoutMs: 10_000, logLevel: undefined },
      ...{ proxy: undefined, roots: [], tokens: undefined, givenToken: false },
      ...{ json: false, show: false, curl: false, validate: true },
      ...settings,
    },
    {
      screen,
      print: (printed) => void out.push(printed),
      look: { width: 100, paint: plain, exact: !terminal },
      signal,
      readStdin: async () => stdin,
      async open(url) {
        opened.push(url.href);
        await visits?.(url.href);
        return true;
      },
      now: () => new Date(),
      clientInfo: { name: 'test', version: '1.0.0' },
    },
  );
  return { code, out: out.join('\n'), err, opened };
}
