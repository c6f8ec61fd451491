/** What to say when a port is taken: most often because barewire runs already. */

import { type Config, localOrigin } from './settings/config.js';

const PROBE_MS = 1000;
/** More than the head of the start page. */
const MAX_PAGE = 4096;

/** Undefined for any other error. Asks the port of the readonly server who is there. */
export async function portInUseProblem(error: Error, config: Config): Promise<string | undefined> {
  if (!('code' in error && error.code === 'EADDRINUSE' && 'port' in error)) return undefined;
  const url = `${localOrigin(config, 'readonly')}/`;
  if (await isBarewire(url))
    return `already running at ${url}; to start another beside it, add --port-base 4100 --state-home FOLDER`;
  return `port ${error.port} is in use by another program; add --port-base 4100, or a flag for one port such as --readonly-port`;
}

async function isBarewire(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const response = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'manual', signal });
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return Buffer.from(value?.subarray(0, MAX_PAGE) ?? []).includes('<title>barewire');
  } catch {
    return false;
  }
}
