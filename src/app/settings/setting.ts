/**
 * What one setting is, and how a topic declares its settings. A topic is a function that receives `setting` and returns its part
 * of the configuration. Run with values it reads them; run without it gives the defaults and lists its rows.
 */

export const SERVICES = ['readonly', 'destructive', 'registry', 'authserver'] as const;
export type Service = (typeof SERVICES)[number];

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
};

type Description = {
  help: string;
  /** As the user would write it. */
  default?: string | number;
  /** What `--help` shows as the default, when it is no fixed value. */
  defaultText?: string;
  /** The environment variable, when its name does not follow from the flag. */
  variable?: string;
  /** The services that need this secret; absent when all of them do. */
  neededBy?: readonly Service[];
};

export type Setting = Description & { flag: string; variable: string; type: SettingType<unknown> };

type Declare = {
  <Value>(flag: string, type: SettingType<Value>, about: Description & { default: string | number }): Value;
  <Value>(flag: string, type: SettingType<Value>, about: Description): Value | undefined;
};

export type Topic<Values> = { name: string; title: string; settings: (setting: Declare) => Values };

export function topic<Values>(
  name: string,
  title: string,
  settings: (setting: Declare) => Values,
): Topic<Values> {
  return { name, title, settings };
}

/** `origin` is the flag or variable that the text came from. */
export type Source = { origin: string; text: string };
export type FindSource = (setting: Setting) => Source | undefined;

/** The message is for the person who starts the server. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

export function readTopic<Values>({ settings }: Topic<Values>, find: FindSource): Values {
  function setting<Value>(
    flag: string,
    type: SettingType<Value>,
    about: Description & { default: string | number },
  ): Value;
  function setting<Value>(flag: string, type: SettingType<Value>, about: Description): Value | undefined;
  function setting<Value>(flag: string, type: SettingType<Value>, about: Description): Value | undefined {
    const variable = `BAREWIRE_${flag.toUpperCase().replaceAll('-', '_')}`;
    const source = find({ variable, ...about, flag, type });
    if (source !== undefined) return readValue(type, source);
    return about.default === undefined ? undefined : type.read(String(about.default));
  }
  return settings(setting);
}

export function settingsOf(topic: Topic<unknown>): Setting[] {
  const settings: Setting[] = [];
  readTopic(topic, (setting) => {
    settings.push(setting);
    return undefined;
  });
  return settings;
}

function readValue<Value>({ read, secret }: SettingType<Value>, { origin, text }: Source): Value {
  try {
    return read(text);
  } catch (error) {
    const hidden = secret !== undefined || holdsPassword(text);
    const received = hidden ? '' : `, received ${JSON.stringify(text)}`;
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
