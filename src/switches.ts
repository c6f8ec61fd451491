/**
 * The operator's switches: a JSON file `{"disabled": ["jira.create"]}` that is read again whenever it changes, so that a
 * tool can be taken out of service without a restart.
 */
import { readFile } from 'node:fs/promises';
import { isRecord, preview } from './value.js';

const POLL_MS = 500;

export type Switches = { close(): void };

/** @throws Error when the file cannot be read or understood at first; later the last good state holds. */
export async function watchSwitches(
  file: string,
  apply: (disabled: string[]) => void,
  onError: (error: unknown) => void,
): Promise<Switches> {
  let last = await readFile(file, 'utf8');
  apply(readSwitches(file, last));
  let closed = false;
  // Read again and compared by its text: a watch would miss a file that is replaced by a rename, or changed while the
  // watch begins, and the file is small.
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
      apply(readSwitches(file, text));
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

function readSwitches(file: string, text: string): string[] {
  const value: unknown = JSON.parse(text);
  const disabled = isRecord(value) ? value.disabled : undefined;
  if (Array.isArray(disabled) && disabled.every((name) => typeof name === 'string')) return disabled;
  throw new Error(`${file}: expected {"disabled": ["tool.name", …]}, received ${preview(value)}`);
}
