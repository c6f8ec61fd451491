/**
 * Where the text of a setting comes from: its flag, its variable or, for a secret, a file. A secret never comes from a flag,
 * because any program on this machine can read another's command line, and no message repeats one.
 */
import { fileNames, type SettingRow } from './config.js';
import { readSecretFile } from './secret-file.js';

/** `origin` is the flag or variable that it came from. */
export type Source = { origin: string; text: string };
export type Flags = { readonly [flag: string]: unknown };
export type Environment = { readonly [name: string]: string | undefined };
export type Warn = (line: string) => void;

/** The message is for the person who starts the server. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

/** The flags that can set a value. */
export function flagsOf(row: SettingRow): string[] {
  if (row.secret === undefined) return [row.flag];
  const file = fileNames(row).flag;
  return row.secret === true ? [file] : [row.flag, file];
}

/**
 * Runs before any other check, because a message about another argument must not repeat a secret.
 *
 * @throws WrongSetting when a secret is on the command line.
 */
export function refuseSecrets(argv: readonly string[], rows: readonly SettingRow[]): void {
  for (const row of rows) {
    const { flag, secret } = row;
    if (secret === undefined) continue;
    for (const [at, word] of argv.entries()) {
      const [name, ...rest] = word.split('=');
      if (name !== `--${flag}`) continue;
      const value = rest.length > 0 ? rest.join('=') : (argv[at + 1] ?? '');
      if (secret === true || secret(value)) throw onCommandLine(row);
    }
  }
}

/**
 * A flag wins over a variable; a variable set to the empty string counts as absent.
 *
 * @param warn gets a line about a file that others on this machine can read.
 * @throws WrongSetting when it is given twice, or a secret's file is empty.
 */
export function sourceOf(
  row: SettingRow,
  flags: Flags,
  environment: Environment,
  warn: Warn,
): Source | undefined {
  const flag = textFrom(`--${row.flag}`, flags[row.flag]);
  const variable = textFrom(row.env, environment[row.env] || undefined);
  if (row.secret === undefined) return flag ?? variable;
  const file = fileNames(row);
  return (
    either(flag, textFrom(`--${file.flag}`, flags[file.flag]), warn) ??
    either(variable, textFrom(file.env, environment[file.env] || undefined), warn)
  );
}

function textFrom(origin: string, text: unknown): Source | undefined {
  return typeof text === 'string' || text === true ? { origin, text: String(text) } : undefined;
}

/** The given value, or the content of the given file. */
function either(given: Source | undefined, file: Source | undefined, warn: Warn): Source | undefined {
  if (file === undefined) return given;
  if (given !== undefined)
    throw new WrongSetting(`${given.origin} and ${file.origin}: expected one of them, received both`);
  const { origin, text: path } = file;
  const read = readSecretFile(path);
  if ('problem' in read) throw new WrongSetting(`${origin}${read.problem}`);
  if (read.warning !== undefined) warn(`${origin}${read.warning}`);
  return { origin, text: read.secret };
}

function onCommandLine(row: SettingRow): WrongSetting {
  const file = fileNames(row);
  return new WrongSetting(
    `--${row.flag}: expected no secret on the command line, which every program on this machine can read; put it into ${row.env}, or into a file that --${file.flag} or ${file.env} names`,
  );
}
