/**
 * What the operator of a process may see and nobody else: its secret, and the port on loopback where metrics are scraped. With a
 * public URL a proxy stands in front, and then neither the trace nor the metrics are on the ports that it leads to.
 */
import { randomBytes } from 'node:crypto';
import { checkHost, checkOneHost } from '../wire/http/head.js';
import { close, createListener, listen } from '../wire/http/listener.js';
import { BOUNDS } from '../wire/server/bounds.js';
import { METRICS_TYPE } from './metrics.js';
import type { Config } from './settings/config.js';

/** Undefined where a public URL is configured. */
export function operatorSecretOf(config: Config): string | undefined {
  if (isPublic(config)) return undefined;
  return config.operatorSecret ?? randomBytes(24).toString('base64url');
}

function isPublic({ readonlyUrl, destructiveUrl, registryUrl, only }: Config): boolean {
  // A server that runs alone may only say where the registry is that it follows.
  const registry = only === undefined || only === 'registry' ? registryUrl : undefined;
  return [readonlyUrl, destructiveUrl, registry].some((url) => url !== undefined);
}

/** By path, such as `/metrics/readonly`. */
export type Scraped = { [name: string]: (() => string) | undefined };

/** A listener that only this machine reaches; a page that a browser here has open cannot, for its Host is another. */
export async function openMetricsPort(port: number, scraped: Scraped): Promise<{ close(): Promise<void> }> {
  const server = createListener((request, response) => {
    const { host } = request.headers;
    const foreign = checkOneHost(request.rawHeaders) ?? checkHost(host, { hosts: [], origins: [] });
    const [, name = ''] = /^\/metrics\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    const text = foreign === undefined && Object.hasOwn(scraped, name) ? scraped[name]?.() : undefined;
    if (text === undefined) response.writeHead(404, { 'content-length': '0' }).end();
    else response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text);
  }, BOUNDS);
  await listen(server, port, '127.0.0.1');
  return { close: () => close(server, 1_000) };
}
