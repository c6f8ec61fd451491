/** Loads what not every process needs. A server that starts alone is ready a fifth earlier without it. */

import type { RunningRegistry } from './registry.js';
import type { Config } from './settings/config.js';
import type { Tracing } from './trace.js';
import { warnings } from './warnings.js';

/**
 * The registry, unless this process runs only another service.
 *
 * @throws Error with one line for the operator when it cannot be served
 */
export async function openRegistry(
  config: Config,
  issuers: readonly string[],
  version: string,
  operatorSecret: string | undefined,
): Promise<RunningRegistry | undefined> {
  if (config.only !== undefined && config.only !== 'registry') return undefined;
  const { startRegistry } = await import('./registry.js');
  return startRegistry(config, issuers, { version, operatorSecret }, warnings);
}

/** Undefined without --trace: then nothing is observed or kept. */
export async function openTracing(config: Config, secret: string | undefined): Promise<Tracing | undefined> {
  if (!config.trace || config.stdio) return undefined;
  const { createTracing } = await import('./trace.js');
  return createTracing(warnings, secret);
}
