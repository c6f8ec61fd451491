/** What a command gets from the process that it runs in. */
import type { Environment } from '../settings/sources.js';

export type Io = {
  print(line: string): void;
  complain(line: string): void;
  /** Aborted when the person at the terminal interrupts the command. */
  signal: AbortSignal;
};

/** Resolves with the exit code. */
export type Command = (args: readonly string[], environment: Environment, io: Io) => Promise<number>;
