/**
 * Where the text of a setting comes from: its flag, its variable or, for a secret, a file. A secret never comes from a flag,
 * because any program on this machine can read another's command line, and no message repeats one.
 */
import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { CONFIG_FILE, type Config, readConfig } from './config.js';
import { type FileValues, readConfigFile } from './config-file.js';
import { type Setting, type Source, WrongSetting } from './setting.js';

export type Flags = { readonly [flag: string]: unknown };
export type Environment = { readonly [name: string]: string | undefined };
export type Warn = (line: string) => void;

/**
 * Runs before any other check, because a message about another argument must not repeat a secret.
 *
 * @throws WrongSetting when a secret is on the command line
 */
export function refuseSecrets(argv: readonly string[], settings: readonly Setting[]): void {
  for (const { flag, variable, type } of settings) {
    const { secret } = type;
    if (secret === undefined) continue;
    for (const [at, word] of argv.entries()) {
      const [name, ...rest] = word.split('=');
      if (name !== `--${flag}`) continue;
      const value = rest.length > 0 ? rest.join('=') : (argv[at + 1] ?? '');
      if (secret !== true && !secret(value)) continue;
      throw new WrongSetting(
        `--${flag}: expected no secret on the command line, which every program on this machine can read; put it into ${variable}, or into a file that --${flag}-file or ${variable}_FILE names`,
      );
    }
  }
}

/**
 * Reads the configuration file, if there is one, and finds the source of each setting. @throws WrongSetting
 *
 * @param warn gets a line about each secret file that other users can read
 */
export function openSources(
  flags: Flags,
  environment: Environment,
  warn: Warn,
): (setting: Setting) => Source | undefined {
  const path = findSource(CONFIG_FILE, flags, environment, warn)?.text;
  const file = path === undefined ? undefined : readConfigFile(path);
  return (setting) => findSource(setting, flags, environment, warn, file);
}

/**
 * A flag wins over a variable, and that over the configuration file; a variable set to the empty string counts as absent.
 *
 * @param warn gets a line about each secret file that other users can read
 * @throws WrongSetting when a value is given twice, or a secret's file cannot be used
 */
export function findSource(
  { flag, variable, type }: Setting,
  flags: Flags,
  environment: Environment,
  warn: Warn,
  file?: FileValues,
): Source | undefined {
  const fromFlag = (name: string): Source | undefined => sourceFrom(`--${name}`, flags[name]);
  const fromVariable = (name: string): Source | undefined => sourceFrom(name, environment[name] || undefined);
  if (type.secret === undefined) return fromFlag(flag) ?? fromVariable(variable) ?? file?.get(flag);
  return (
    valueOrFile(fromFlag(flag), fromFlag(`${flag}-file`), warn) ??
    valueOrFile(fromVariable(variable), fromVariable(`${variable}_FILE`), warn) ??
    valueOrFile(file?.get(flag), file?.get(`${flag}-file`), warn)
  );
}

function sourceFrom(origin: string, text: unknown): Source | undefined {
  return typeof text === 'string' || text === true ? { origin, text: String(text) } : undefined;
}

function valueOrFile(value: Source | undefined, file: Source | undefined, warn: Warn): Source | undefined {
  if (file === undefined) return value;
  if (value !== undefined)
    throw new WrongSetting(`${value.origin} and ${file.origin}: expected one of them, received both`);
  const { origin, text: path } = file;
  const content = readSecretFile(path);
  if ('problem' in content) throw new WrongSetting(`${origin}${content.problem}`);
  if (content.warning !== undefined) warn(`${origin}${content.warning}`);
  return { origin, text: content.secret };
}

/** The settings whose flags a command shares with the servers; all others have their defaults. */
export function readSettings(sharedFlags: readonly string[], flags: Flags, environment: Environment): Config {
  const find = openSources(flags, environment, () => {});
  return readConfig((setting) => (sharedFlags.includes(setting.flag) ? find(setting) : undefined));
}

const MAX_BYTES = 65_536;
const OTHERS_READ = 0o044;

/**
 * Reads a secret from a file, without the line breaks at its end. A file that other users can read only causes a warning, because
 * on some platforms the operator cannot change the mode of a mounted file. Messages are appended to the name of a setting, and
 * never repeat what may be a secret.
 */
export function readSecretFile(path: string): { secret: string; warning?: string } | { problem: string } {
  let text: string;
  let mode: number;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    // No path here, because it may be the secret itself, given by mistake.
    return { problem: code === 'ENOENT' ? ': no such file' : `: cannot be read (${code})` };
  }
  if (Buffer.byteLength(text) > MAX_BYTES)
    return { problem: ` ${path}: expected at most ${MAX_BYTES} bytes` };
  const secret = withoutLineBreaks(text);
  if (secret === '') return { problem: ` ${path}: expected a secret, received an empty file` };
  // Windows has no such mode bits.
  if ((mode & OTHERS_READ) === 0 || platform() === 'win32') return { secret };
  const modeText = (mode & 0o777).toString(8);
  return {
    secret,
    warning: ` ${path}: other users of this machine can read this secret (mode ${modeText}); chmod 600 restricts it to its owner`,
  };
}

/** Editors put a line break at the end of a file that is not part of the secret. */
function withoutLineBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}
