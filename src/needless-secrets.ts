/**
 * Secrets that a service was given and does not need. One secret store for all services is convenient, and it makes a
 * replica that only reads as good a catch as the one that approves.
 */
import { type Config, SETTINGS, type Setting, type SettingRow } from './config.js';

/** By their variables; none where all services run in one process. */
export function needlessSecrets(config: Config): string[] {
  const { only } = config;
  if (only === undefined) return [];
  return (Object.keys(SETTINGS) as Setting[]).flatMap((name) => {
    const { env, services }: SettingRow = SETTINGS[name];
    const value: unknown = config[name];
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined;
    return given && services?.includes(only) === false ? [env] : [];
  });
}
