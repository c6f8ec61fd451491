/** What not every process runs, and none loads that does not: a server that starts alone is ready a fifth earlier. */

import type { RegistryService } from './registry.js';
import type { Config } from './settings/config.js';
import type { Tracing } from './trace.js';
import { warnings } from './warnings.js';

/** The registry where this process is to run one. Rejects with one line to read when it cannot be served. */
export async function openRegistry(
  config: Config,
  issuers: readonly string[],
  version: string,
  operatorSecret: string | undefined,
): Promise<RegistryService | undefined> {
  if (config.only !== undefined && config.only !== 'registry') return undefined;
  const { openRegistryService } = await import('./registry.js');
  return openRegistryService(config, issuers, { version, operatorSecret }, warnings);
}

/** Undefined unless it is asked for: then nothing is watched, and nothing is kept. */
export async function openTracing(config: Config, secret: string | undefined): Promise<Tracing | undefined> {
  if (!config.trace || config.stdio) return undefined;
  const { createTracing } = await import('./trace.js');
  return createTracing(warnings, secret);
}
