/**
 * The operator's switches: a JSON file `{"disabled": ["jira.create"]}`, so that a tool can be taken out of service without a
 * restart and without a registry.
 */

import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import { type FileWatch, watchFile } from '../../watched-file.js';

/** Rejects when the file cannot be read or understood at first; later the last good state holds. */
export function watchSwitches(
  file: string,
  apply: (disabled: string[]) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  return watchFile(file, readSwitches, apply, onError);
}

function readSwitches(file: string, text: string): string[] {
  const value: unknown = parseJson(text);
  const disabled = isRecord(value) ? value.disabled : undefined;
  if (Array.isArray(disabled) && disabled.every((name) => typeof name === 'string')) return disabled;
  throw new Error(`${file}: expected {"disabled": ["tool.name", …]}, received ${preview(value)}`);
}
