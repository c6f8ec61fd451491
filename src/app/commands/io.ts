/** What a command gets from the process that it runs in. */
export type Io = {
  print(line: string): void;
  complain(line: string): void;
  /** Aborted when the person at the terminal interrupts the command. */
  signal: AbortSignal;
};
