/** Texts for a command line that somebody pastes into a terminal. */

/** The text as one word of a POSIX shell, which interprets nothing within single quotes. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
