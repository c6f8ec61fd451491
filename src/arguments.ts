/**
 * Command line and environment to a configuration, or one clear line about what is wrong. A flag wins over its
 * variable; a variable set to the empty string counts as absent.
 */
import { parseArgs } from 'node:util';
import { type Config, SETTINGS, type Setting } from './config.js';

export type Arguments =
  | { kind: 'run'; config: Partial<Config> }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'wrong'; message: string };

type Environment = { readonly [name: string]: string | undefined };

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  ...Object.fromEntries(
    Object.values(SETTINGS).map((row) => [
      row.flag,
      { type: 'value' in row ? 'string' : 'boolean' } as const,
    ]),
  ),
} as const;

export function readArguments(argv: readonly string[], environment: Environment): Arguments {
  let values: { [flag: string]: unknown };
  try {
    values = parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // node's sentences run on with advice; the first says it all.
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    return { kind: 'wrong', message: `${message}; --help lists the flags` };
  }
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const config: { [name: string]: unknown } = {};
  for (const name of Object.keys(SETTINGS) as Setting[]) {
    const row = SETTINGS[name];
    const { flag, env, read } = row;
    const given = values[flag] ?? (environment[env] === '' ? undefined : environment[env]);
    if (given === undefined) continue;
    try {
      config[name] = read(String(given));
    } catch (error) {
      const origin = values[flag] === undefined ? env : `--${flag}`;
      const received = 'secret' in row ? '' : `, received ${JSON.stringify(given)}`;
      return {
        kind: 'wrong',
        message: `${origin}: ${error instanceof Error ? error.message : 'not valid'}${received}`,
      };
    }
  }
  return { kind: 'run', config };
}
