/**
 * Small files that an operator changes while the program runs. They are polled and compared by their text, because a file system
 * watch misses a file that is replaced by a rename, or changed while the watch starts.
 */
import { readFile } from 'node:fs/promises';

const POLL_MS = 500;

export type FileWatch = { close(): void };

/**
 * `read` parses the text and throws when it is invalid; `apply` gets the result. Rejects when the file is unusable at first;
 * later the last good state stays in force, and `onError` gets what is still wrong at the next poll: until then somebody may be
 * writing.
 */
export function watchFile<Value>(
  file: string,
  read: (file: string, text: string) => Value,
  apply: (value: Value) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  return watchFiles([file], ([text = '']) => read(file, text), apply, onError);
}

/** The same for files that belong together: `read` gets the text of each. */
export function watchFiles<Value>(
  files: readonly string[],
  read: (texts: readonly string[]) => Value,
  apply: (value: Value) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  return watchTexts(() => Promise.all(files.map(readText)), read, apply, onError);
}

/** Of a directory, node's error does not name the path. A container runtime makes one where a file that it should mount is missing. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || 'path' in error) throw error;
    throw Object.assign(error, { path, message: `${error.message} '${path}'` });
  }
}

/** The same for several files. `readAll` looks for them at each poll. */
export async function watchTexts<Value>(
  readAll: () => Promise<readonly string[]>,
  read: (texts: readonly string[]) => Value,
  apply: (value: Value) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  /** The last texts, or the error of reading them: neither is reported twice. */
  let last = await readAll();
  apply(read(last));
  /** What the last poll found, if it is not reported yet. */
  let problem: { error: unknown } | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function poll(): Promise<void> {
    let unreadable: { error: unknown } | undefined;
    const texts = await readAll().catch((error: unknown) => {
      unreadable = { error };
      return [String(error)];
    });
    if (closed) return;
    const isSame = String(texts) === String(last);
    last = texts;
    const earlier = problem;
    problem = isSame ? undefined : (unreadable ?? attempt(texts));
    const lasting = earlier && (isSame ? earlier : problem);
    if (lasting === undefined) return;
    problem = undefined;
    onError(lasting.error);
  }

  function attempt(texts: readonly string[]): { error: unknown } | undefined {
    try {
      apply(read(texts));
      return undefined;
    } catch (error) {
      return { error };
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
