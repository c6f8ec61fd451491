/**
 * Reads the command line and environment into a configuration, or one clear line about what is wrong. setting-source.ts decides
 * which of them sets a value, and reads secrets.
 */
import { parseArgs } from 'node:util';
import { type Config, SETTINGS, type Setting, type SettingRow } from './config.js';
import {
  type Environment,
  type Flags,
  flagsOf,
  refuseSecrets,
  type Source,
  sourceOf,
  type Warn,
  WrongSetting,
} from './setting-source.js';
import { holdsPassword } from './setting-values.js';

export type Arguments =
  | { kind: 'run'; config: Partial<Config> }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'wrong'; message: string };

const ROWS: readonly SettingRow[] = Object.values(SETTINGS);

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  ...Object.fromEntries(
    ROWS.flatMap((row) => {
      const type = row.value === undefined ? 'boolean' : 'string';
      return flagsOf(row).map((flag) => [flag, { type } as const]);
    }),
  ),
} as const;

/** `warn` gets a line about each secret file that other users can read. */
export function readArguments(
  argv: readonly string[],
  environment: Environment,
  warn: Warn = (line) => console.error(`barewire: ${line}`),
): Arguments {
  try {
    refuseSecrets(argv, ROWS);
    const flags = readFlags(argv);
    if (flags.help === true) return { kind: 'help' };
    if (flags.version === true) return { kind: 'version' };
    const config: { [name: string]: unknown } = {};
    for (const name of Object.keys(SETTINGS) as Setting[]) {
      const row: SettingRow = SETTINGS[name];
      const source = sourceOf(row, flags, environment, warn);
      if (source !== undefined) config[name] = readValue(row, source);
    }
    return { kind: 'run', config };
  } catch (error) {
    if (error instanceof WrongSetting) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function readFlags(argv: readonly string[]): Flags {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // node's sentences run on with advice; the first says it all.
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    const secret = argv.some((word) => holdsPassword(word) && message?.includes(word));
    throw new WrongSetting(`${secret ? 'Unexpected argument' : message}; --help lists the flags`);
  }
}

function readValue({ secret, read }: SettingRow, { origin, text }: Source): unknown {
  try {
    return read(text);
  } catch (error) {
    const hidden = secret !== undefined || holdsPassword(text);
    const received = hidden ? '' : `, received ${JSON.stringify(text)}`;
    throw new WrongSetting(`${origin}: ${error instanceof Error ? error.message : 'not valid'}${received}`);
  }
}
