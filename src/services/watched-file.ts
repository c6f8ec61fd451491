/**
 * A small file that an operator edits while the program runs. It is polled and compared by its text, because a file system
 * watch misses a file that is replaced by a rename, or changed while the watch starts.
 */
import { readFile } from 'node:fs/promises';

const POLL_MS = 500;

export type FileWatch = { close(): void };

/**
 * `read` parses the text and throws when it is invalid; `apply` gets the result. Rejects when the file is unusable at first;
 * later the last good state stays in force.
 */
export async function watchFile<Value>(
  file: string,
  read: (file: string, text: string) => Value,
  apply: (value: Value) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  /** The file's last text, or the error of reading it: neither is reported twice. */
  let last = await readFile(file, 'utf8');
  apply(read(file, last));
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function poll(): Promise<void> {
    let problem: unknown;
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      problem = error;
      return String(error);
    });
    if (closed || text === last) return;
    last = text;
    try {
      if (problem !== undefined) throw problem;
      apply(read(file, text));
    } catch (error) {
      onError(error);
    }
  }

  function schedule(): void {
    if (!closed) timer = setTimeout(() => void poll().finally(schedule), POLL_MS).unref();
  }
  schedule();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
