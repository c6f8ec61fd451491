/**
 * The operator's switches: a JSON file `{"disabled": ["jira.create"]}` that is read again whenever it changes, so that a
 * tool can be taken out of service without a restart.
 */
import { unwatchFile, watchFile } from 'node:fs';
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
  apply(await readSwitches(file));
  const again = (): void => void readSwitches(file).then(apply, onError);
  // Polled, because a file that is replaced by a rename escapes an inotify watch.
  watchFile(file, { interval: POLL_MS, persistent: false }, again);
  return { close: () => unwatchFile(file, again) };
}

async function readSwitches(file: string): Promise<string[]> {
  const value: unknown = JSON.parse(await readFile(file, 'utf8'));
  const disabled = isRecord(value) ? value.disabled : undefined;
  if (Array.isArray(disabled) && disabled.every((name) => typeof name === 'string')) return disabled;
  throw new Error(`${file}: expected {"disabled": ["tool.name", …]}, received ${preview(value)}`);
}
