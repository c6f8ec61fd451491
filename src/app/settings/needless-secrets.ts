/**
 * Finds secrets that a service does not need, and one secret used for two purposes. One secret store for all services is
 * convenient, but it makes a readonly replica as valuable to an attacker as the one that approves.
 */
import { type Config, SETTINGS, type Setting, type SettingRow } from './config.js';

/** Names of their variables; none when all services run in one process. */
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

/** @throws Error when two purposes share a secret, because a holder of one could derive the keys of the other */
export function refuseSharedSecrets({ stateKeys, approvalKeys, registryKeys }: Config): void {
  const secrets = new Map<string, string>();
  for (const [env, keys] of [
    ['BAREWIRE_STATE_KEYS', stateKeys],
    ['BAREWIRE_APPROVAL_KEYS', approvalKeys],
    ['BAREWIRE_REGISTRY_KEYS', registryKeys],
  ] as const) {
    // The last base64url letter has unused bits, so two texts can be the same secret.
    for (const key of new Set(keys.map((text) => Buffer.from(text, 'base64url').toString('hex')))) {
      const other = secrets.get(key);
      if (other !== undefined)
        throw new Error(`${other} and ${env}: expected different secrets, received one secret in both`);
      secrets.set(key, env);
    }
  }
}
