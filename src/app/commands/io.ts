/** What a command is given of the process it runs in. */

export type Environment = { readonly [name: string]: string | undefined };

export type Io = {
  print(line: string): void;
  complain(line: string): void;
  /** Aborted when the person at the terminal has seen enough. */
  signal: AbortSignal;
};
