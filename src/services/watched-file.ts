/**
 * A small file that an operator edits while the program runs: read again whenever it changes. It is read again and compared by
 * its text: a watch would miss a file that is replaced by a rename, or changed while the watch begins.
 */
import { readFile } from 'node:fs/promises';

const POLL_MS = 500;

export type FileWatch = { close(): void };

/**
 * `read` makes of the text what `apply` is given, or throws what is wrong with it. Rejects when the file cannot be read or
 * understood at first; later the last good state holds.
 */
export async function watchFile<Value>(
  file: string,
  read: (file: string, text: string) => Value,
  apply: (value: Value) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  let last = await readFile(file, 'utf8');
  apply(read(file, last));
  let closed = false;
  const look = async (): Promise<void> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      text = String(error);
      if (!closed && text !== last) onError(error);
      last = text;
      return;
    }
    if (closed || text === last) return;
    last = text;
    try {
      apply(read(file, text));
    } catch (error) {
      onError(error);
    }
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, POLL_MS).unref();
  return {
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
