/**
 * What an endpoint counts, in Prometheus's text format, and where the operator reads it: on the endpoint's own port behind a
 * secret, or on a port of its own on loopback. Each label has only a few values, whatever clients send.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { randomBytes } from 'node:crypto';
import { asksForMetrics } from '../pages/operator-secret.js';
import { NOSNIFF } from '../wire/http/body.js';
import { checkHost } from '../wire/http/head.js';
import { close, createListener, listen } from '../wire/http/listener.js';
import { METHODS } from '../wire/mcp/dispatch.js';
import type { Reply } from '../wire/mcp/reply.js';
import type { Era } from '../wire/revisions.js';
import { BOUNDS } from '../wire/server/create-server.js';
import type { Load } from '../wire/server/endpoint.js';
import type { RouteHandler } from '../wire/server/ports.js';
import { isRecord } from '../wire/value.js';
import type { Config } from './settings/config.js';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Counter = { era: Era; outcome: string; labels: string; count: number; seconds: number };
type Values = { [name: string]: number };

export type Metrics = ReturnType<typeof createMetrics>;

/** `others` returns counters that are kept elsewhere, by name. */
export function createMetrics(others: () => Values = () => ({})) {
  /** By method. Each has only a few, and to search them is cheaper than to build their labels for each request. */
  const requests = new Map<string, Counter[]>();
  const refusals = new Map<string, number>();

  return {
    /** Counts a request that was answered, or abandoned by its client. */
    count(asked: string, era: Era, reply: Reply | undefined, seconds: number): void {
      const method = METHODS.has(asked) ? asked : 'unknown';
      const outcome = outcomeOf(reply);
      const counters = requests.get(method) ?? [];
      for (const counter of counters) {
        if (counter.era !== era || counter.outcome !== outcome) continue;
        counter.count += 1;
        counter.seconds += seconds;
        return;
      }
      const labels = `method="${method}",era="${era}",outcome="${outcome}"`;
      requests.set(method, [...counters, { era, outcome, labels, count: 1, seconds }]);
    },

    /** Counts a request that was refused for its token. There are only a few reasons. */
    countRefusal(reason: string): void {
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    },

    text(load: Load): string {
      const counters = [...requests.values()].flat();
      return [
        '# TYPE mcp_requests_total counter',
        ...counters.map(({ labels, count }) => `mcp_requests_total{${labels}} ${count}`),
        '# TYPE mcp_request_seconds_total counter',
        ...counters.map(
          ({ labels, seconds }) => `mcp_request_seconds_total{${labels}} ${seconds.toFixed(6)}`,
        ),
        '# TYPE mcp_authorization_refused_total counter',
        ...[...refusals].map(
          ([reason, count]) => `mcp_authorization_refused_total{reason="${reason}"} ${count}`,
        ),
        ...linesOf('gauge', {
          mcp_requests_in_flight: load.requests,
          mcp_bytes_in_flight: load.bytes,
          mcp_listeners: load.listeners,
          mcp_sessions: load.sessions,
          process_resident_memory_bytes: process.memoryUsage.rss(),
          process_uptime_seconds: process.uptime(),
        }),
        ...linesOf('counter', others()),
        '',
      ].join('\n');
    },
  };
}

function linesOf(type: 'gauge' | 'counter', values: Values): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`# TYPE ${name} ${type}`, `${name} ${value}`]);
}

/** `ok`, `tool_error` for a call whose tool failed, `cancelled`, or the code of the JSON-RPC error. */
function outcomeOf(reply: Reply | undefined): string {
  if (reply === undefined) return 'cancelled';
  if ('error' in reply.response) return String(reply.response.error.code);
  return isRecord(reply.response.result) && reply.response.result.isError === true ? 'tool_error' : 'ok';
}

/** Opens /metrics and /trace. Undefined with a public URL: a proxy then leads to these ports, so they serve neither. */
export function operatorSecretOf(config: Config): string | undefined {
  const { readonlyUrl, destructiveUrl, registryUrl, only } = config;
  // In a server that runs alone, the registry's URL only says which registry to follow.
  const ownRegistryUrl = only === undefined || only === 'registry' ? registryUrl : undefined;
  if ((readonlyUrl ?? destructiveUrl ?? ownRegistryUrl) !== undefined) return undefined;
  return config.operatorSecret ?? randomBytes(24).toString('base64url');
}

/** Serves the metrics on the endpoint's port. Leaves a request without the secret to the next route. */
export function metricsRoute(secret: string, text: () => string): RouteHandler {
  return ({ headers }, response, path) => {
    if (!path.startsWith('/metrics') || !asksForMetrics(path, headers.authorization, secret)) return false;
    response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(text());
    return true;
  };
}

/** Only programs on this machine reach it. Web pages in a browser here do not, because their requests have another Host. */
export async function openMetricsPort(
  port: number,
  services: { [name: string]: { metrics(): string } | undefined },
): Promise<{ close(): Promise<void> }> {
  const server = createListener((request, response) => {
    const { host } = request.headers;
    const problem = checkHost(request.rawHeaders, host, { hosts: [], origins: [] });
    const [, name = ''] = /^\/metrics\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    const service = problem === undefined && Object.hasOwn(services, name) ? services[name] : undefined;
    if (service === undefined) response.writeHead(404, { 'content-length': '0' }).end();
    else response.writeHead(200, { 'content-type': METRICS_TYPE }).end(service.metrics());
  }, BOUNDS);
  await listen(server, port, '127.0.0.1');
  return { close: () => close(server, 1_000) };
}
