/**
 * Starts the server's command between the client's pipes. Each byte goes on as it comes, and no faster than it is read; stderr is
 * the child's own. Signals reach the child, and its end is the end of the tap.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type Pipes = { stdin: Readable; stdout: Writable };

export type ChildOptions = Pipes & {
  command: readonly string[];
  /** The bytes that have just been passed on. */
  onBytes(from: 'client' | 'server', bytes: Buffer): void;
  /** Whether stdin is a terminal, which sends its signals to the child itself. */
  isTerminal: boolean;
  signals: Pick<NodeJS.Process, 'on' | 'off'>;
};

const AFTER_EXIT_MS = 1_000;
/** Signals after which the next one ends the command. */
const MAX_ASKED = 3;

export type Ended = { code: number | null; signal: NodeJS.Signals | null };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/** Rejects if the command cannot be started. */
export function runChild(options: ChildOptions): Promise<Ended> {
  const { command, stdin, stdout, onBytes, signals } = options;
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true });
  const input: Writable = child.stdin;
  const output: Readable = child.stdout;
  // Those who write to a pipe whose reader has gone learn it from the next write.
  input.on('error', () => stdin.unpipe(input).resume());
  stdout.on('error', () => output.destroy());
  stdin.pipe(input);
  output.pipe(stdout, { end: false });
  stdin.on('data', (bytes: Buffer) => onBytes('client', bytes));
  output.on('data', (bytes: Buffer) => onBytes('server', bytes));
  const forward = forwardSignals(child, options.isTerminal);
  for (const name of SIGNALS) signals.on(name, forward);
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'there is no such program' : error.message;
      reject(new Error(`cannot start ${program}: ${reason}`));
    });
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(late);
      for (const name of SIGNALS) signals.off(name, forward);
      stdin.unpipe(input).pause();
      output.destroy();
      resolve({ code, signal });
    };
    let late: NodeJS.Timeout | undefined;
    // Its pipes are read to their end by then.
    child.once('close', end);
    // A process that it started may hold them open.
    child.once('exit', (code, signal) => {
      late = setTimeout(() => end(code, signal), AFTER_EXIT_MS);
    });
  });
}

function forwardSignals(child: ChildProcess, isTerminal: boolean): (signal: NodeJS.Signals) => void {
  let count = 0;
  return (signal) => {
    count += 1;
    // Somebody wants it to end, and it does not.
    if (count > MAX_ASKED) child.kill('SIGKILL');
    // With a second one, a server that is stopping would stop at once.
    else if (!isTerminal || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) child.kill(signal);
  };
}
