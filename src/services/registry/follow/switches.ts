/** The operator's switches: a JSON file `{"disabled": ["jira.create"]}` takes a tool out of service without a restart. */
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, preview } from '../../../wire/value.js';
import { type FileWatch, watchFile } from '../../watched-file.js';

/** Rejects when the file is unusable at first; later the last good state stays in force. */
export function watchSwitches(
  file: string,
  apply: (disabledTools: string[]) => void,
  onError: (error: unknown) => void,
): Promise<FileWatch> {
  return watchFile(file, readSwitches, apply, onError);
}

function readSwitches(file: string, text: string): string[] {
  const value: unknown = parseJson(text);
  const disabledTools = isRecord(value) ? value.disabled : undefined;
  if (Array.isArray(disabledTools) && disabledTools.every((name) => typeof name === 'string'))
    return disabledTools;
  throw new Error(`${file}: expected {"disabled": ["tool.name", …]}, received ${preview(value)}`);
}
