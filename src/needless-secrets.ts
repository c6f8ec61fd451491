/**
 * Secrets that a service was given and does not need, and one secret in the place of two. One store for all services is
 * convenient, and it makes a replica that only reads as good a catch as the one that approves.
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

/** @throws Error where one secret is for two purposes: whoever has it for one could make the keys of the other. */
export function refuseSharedSecrets({ stateKeys, approvalKeys, registryKeys }: Config): void {
  const secrets = new Map<string, string>();
  for (const [env, keys] of [
    ['BAREWIRE_STATE_KEYS', stateKeys],
    ['BAREWIRE_APPROVAL_KEYS', approvalKeys],
    ['BAREWIRE_REGISTRY_KEYS', registryKeys],
  ] as const) {
    // The last letter of a key has bits to spare: two texts can be one secret.
    for (const key of new Set(keys.map((text) => Buffer.from(text, 'base64url').toString('hex')))) {
      const other = secrets.get(key);
      if (other !== undefined)
        throw new Error(`${other} and ${env}: expected a secret for each, received one that is in both`);
      secrets.set(key, env);
    }
  }
}
