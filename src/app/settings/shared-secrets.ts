/** Refuses one secret for two purposes: whoever holds it for one could derive the keys of the other. */
import type { Config } from './config.js';

/** @throws Error that names both variables */
export function refuseSharedSecrets({ stateKeys, approvalKeys, registryKeys }: Config): void {
  const variables = new Map<string, string>();
  const settings = {
    BAREWIRE_STATE_KEYS: stateKeys,
    BAREWIRE_APPROVAL_KEYS: approvalKeys,
    BAREWIRE_REGISTRY_KEYS: registryKeys,
  };
  for (const [variable, keys] of Object.entries(settings)) {
    // The last base64url letter has unused bits, so two texts can be the same secret.
    for (const key of new Set(keys.map((text) => Buffer.from(text, 'base64url').toString('hex')))) {
      const other = variables.get(key);
      if (other !== undefined)
        throw new Error(`${other} and ${variable}: expected different secrets, received one secret in both`);
      variables.set(key, variable);
    }
  }
}
