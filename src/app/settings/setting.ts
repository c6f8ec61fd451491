/** What one setting is, and how the text that a user gives for it becomes a value. */
import type { JsonObject } from '../../wire/value.js';

export const SERVICES = ['readonly', 'destructive', 'registry', 'authserver'] as const;
export type Service = (typeof SERVICES)[number];

/** The services that are MCP servers. */
export const SERVERS = ['readonly', 'destructive'] as const;
export type ServerName = (typeof SERVERS)[number];

export type SettingType<Value> = {
  /** What `--help` shows in place of the value. A flag without one is a switch. */
  placeholder?: string;
  /** @throws RangeError that says what was expected */
  read(text: string): Value;
  /**
   * A secret comes from a variable or a file, never from a flag, and no message repeats it. A function says which texts are
   * secret; other texts may come from a flag.
   */
  secret?: true | ((text: string) => boolean);
  /** The JSON Schema of the value in a configuration file, if it may be more than a text. */
  schema?: JsonObject;
};

type Description = {
  help: string;
  /** What `--help` shows as the default, when it is no fixed value. */
  defaultText?: string;
  /** The environment variable, when its name does not follow from the flag. */
  variable?: string;
  /** The services that need this secret; absent when all of them do. */
  neededBy?: readonly Service[];
};

export type Setting<Value = unknown> = Description & {
  flag: string;
  variable: string;
  type: SettingType<Value>;
  default?: string;
};

/** @param text the default, as the user would write it */
export function setting<Value>(
  flag: string,
  type: SettingType<Value>,
  text: string | number,
  about: Description,
): Setting<Value> {
  return { ...optional(flag, type, about), type, default: String(text) };
}

/** A setting that has no default, so that its value may be undefined. */
export function optional<Value>(
  flag: string,
  type: SettingType<Value>,
  about: Description,
): Setting<Value | undefined> {
  return { variable: `BAREWIRE_${flag.toUpperCase().replaceAll('-', '_')}`, ...about, flag, type };
}

/** The flags that can set a value. */
export function flagsOf({ flag, type: { secret } }: Setting): string[] {
  const file = `${flag}-file`;
  if (secret === undefined) return [flag];
  return secret === true ? [file] : [flag, file];
}

/** `origin` is the flag, the variable, or the line of a file that the text came from. */
export type Source = { origin: string; text: string };

/** The message is for the person who starts the server. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

export function readSetting({ type, default: fallback }: Setting, source: Source | undefined): unknown {
  if (source === undefined) return fallback === undefined ? undefined : type.read(fallback);
  const { origin, text } = source;
  try {
    return type.read(text);
  } catch (error) {
    const isSecret = type.secret !== undefined || holdsPassword(text);
    const received = isSecret ? '' : `, received ${JSON.stringify(text)}`;
    throw new WrongSetting(`${origin}: ${error instanceof Error ? error.message : 'not valid'}${received}`);
  }
}

/** Whether a URL in the text has a password, which connection URLs carry before the host or in a parameter. */
export function holdsPassword(text: string): boolean {
  if (/[?&]password=/i.test(text)) return true;
  // A connection URL may have a password but no host; the URL class rejects that. A list has several URLs.
  if (!URL.canParse(text))
    return text
      .split('://')
      .slice(1)
      .some((rest) => rest.slice(0, Math.max(0, rest.indexOf('@'))).includes(':'));
  return new URL(text).password !== '';
}
