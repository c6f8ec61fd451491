/**
 * What only the operator sees: the secret that opens /metrics and /trace, and the port on loopback for Prometheus. A public URL
 * means that a proxy leads to the servers' ports, so they serve neither metrics nor the trace then.
 */
import { randomBytes } from 'node:crypto';
import { checkHost } from '../wire/http/head.js';
import { close, createListener, listen } from '../wire/http/listener.js';
import { BOUNDS } from '../wire/server/create-server.js';
import { METRICS_TYPE } from './metrics.js';
import type { Config } from './settings/config.js';

/** Undefined with a public URL. */
export function operatorSecretOf(config: Config): string | undefined {
  if (hasPublicUrl(config)) return undefined;
  return config.operatorSecret ?? randomBytes(24).toString('base64url');
}

function hasPublicUrl({ readonlyUrl, destructiveUrl, registryUrl, only }: Config): boolean {
  // In a server that runs alone, the URL only says which registry to follow.
  const runsRegistry = only === undefined || only === 'registry';
  return [readonlyUrl, destructiveUrl, runsRegistry ? registryUrl : undefined].some(
    (url) => url !== undefined,
  );
}

/** The metrics of each service, as text for Prometheus. */
type MetricsByService = { [name: string]: (() => string) | undefined };

/** Only programs on this machine reach it. Web pages in a browser here do not, because their requests have another Host. */
export async function openMetricsPort(
  port: number,
  metrics: MetricsByService,
): Promise<{ close(): Promise<void> }> {
  const server = createListener((request, response) => {
    const { host } = request.headers;
    const problem = checkHost(request.rawHeaders, host, { hosts: [], origins: [] });
    const [, name = ''] = /^\/metrics\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    const text = problem === undefined && Object.hasOwn(metrics, name) ? metrics[name]?.() : undefined;
    if (text === undefined) response.writeHead(404, { 'content-length': '0' }).end();
    else response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text);
  }, BOUNDS);
  await listen(server, port, '127.0.0.1');
  return { close: () => close(server, 1_000) };
}
