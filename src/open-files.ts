/** What to say where the system lets this process open no more files. */

/** The line to print; undefined when the error is another one. */
export function fileLimitProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  // The resolver of names says EBUSY when it cannot open its own files.
  if (code === 'EMFILE' || (code === 'EBUSY' && 'syscall' in error && error.syscall === 'getaddrinfo'))
    return 'too many files are open for the limit of this process; raise it, for instance with "ulimit -n 1024"';
  if (code === 'ENFILE') return 'too many files are open on this machine (ENFILE)';
  return fileLimitProblem(error.cause);
}
