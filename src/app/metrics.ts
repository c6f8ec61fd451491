/**
 * What an endpoint counts, in Prometheus's text format, and where the operator reads it: on the endpoint's own port behind a
 * secret, or on a port of its own. Each label has only a few values, whatever clients send.
 */
import { randomBytes } from 'node:crypto';
import { isLoopbackAddress } from '../oauth/protected-resource.js';
import { asksForMetrics, hasBearer } from '../pages/operator-secret.js';
import { family, METRICS_TYPE } from '../services/exposition.js';
import { processMetrics } from '../services/process-metrics.js';
import { NOSNIFF } from '../wire/http/body.js';
import type { Certificate } from '../wire/http/certificate.js';
import { checkHost } from '../wire/http/head.js';
import { close, createListener, type Handler, listen } from '../wire/http/listener.js';
import { BOUNDS } from '../wire/server/create-server.js';
import type { Load } from '../wire/server/endpoint.js';
import type { RouteHandler } from '../wire/server/ports.js';
import type { EndpointOptions } from './endpoint-options.js';
import { createOperations } from './operations.js';
import type { Config } from './settings/config.js';

export type Metrics = ReturnType<typeof createMetrics>;

type MetricsListener = { metricsPort: number; metricsHost: string; operatorSecret: string | undefined };

type ServerView = {
  /** Whether the server has a tool or prompt of this name now. */
  isKnown: (method: string, target: string) => boolean;
  load: () => Load;
};

export function createMetrics(
  { manifest, audit, collect = () => '' }: Pick<EndpointOptions, 'manifest' | 'audit' | 'collect'>,
  { isKnown, load }: ServerView,
) {
  const slo = manifest?.slo;
  const operations = createOperations(isKnown, slo && slo.p99Ms / 1_000);
  const refusals = new Map<string, number>();

  return {
    /** Counts a request that was answered, or abandoned by its client. */
    count: operations.observe,

    /** Counts a request that was refused for its token. There are only a few reasons. */
    countRefusal(reason: string): void {
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    },

    text(): string {
      const { requests, bytes, listeners, sessions } = load();
      return [
        operations.text(),
        family(
          'counter',
          'mcp_authorization_refused_total',
          'Requests refused for their token, by reason.',
          [...refusals].map(([reason, count]) => [{ reason }, count] as const),
        ),
        family('gauge', 'mcp_requests_in_flight', 'Requests being answered.', requests),
        family('gauge', 'mcp_bytes_in_flight', 'Bytes of requests and answers in memory.', bytes),
        family('gauge', 'mcp_listeners', 'Open streams of clients that listen for changes.', listeners),
        family('gauge', 'mcp_sessions', 'Legacy sessions in this process.', sessions),
        slo === undefined ? '' : sloText(slo),
        audit === undefined ? '' : auditText(audit.log),
        processMetrics(),
        collect(),
      ].join('');
    },
  };
}

type Slo = NonNullable<EndpointOptions['manifest']>['slo'];

function sloText({ availabilityPercent, p99Ms }: Slo): string {
  return [
    family(
      'gauge',
      'barewire_slo_availability_ratio',
      'The share of calls that the manifest promises to answer.',
      Number((availabilityPercent / 100).toFixed(6)),
    ),
    family(
      'gauge',
      'barewire_slo_p99_seconds',
      'The time in which the manifest promises to answer 99 of 100 calls.',
      p99Ms / 1_000,
    ),
  ].join('');
}

function auditText({
  healthy,
  waiting = { chars: 0, ms: 0 },
}: NonNullable<EndpointOptions['audit']>['log']): string {
  return [
    family(
      'gauge',
      'barewire_audit_healthy',
      '1 while the audit log can be written, else 0.',
      Number(healthy),
    ),
    family(
      'gauge',
      'barewire_audit_lag_seconds',
      'How long the oldest unfinished write to the audit log has taken.',
      waiting.ms / 1_000,
    ),
    family('gauge', 'barewire_audit_waiting_chars', 'Characters that wait to be written.', waiting.chars),
  ].join('');
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

/**
 * On loopback, only programs on this machine reach it. Web pages in a browser here do not, because their requests have another Host.
 * Elsewhere Prometheus asks by whatever address or name it found, so no Host is wrong there; a secret may be required instead.
 */
export async function openMetricsPort(
  { metricsPort, metricsHost, operatorSecret }: MetricsListener,
  services: { [name: string]: { metrics(): string } | undefined },
  certificate?: Certificate,
): Promise<{ close(): Promise<void> }> {
  const isLocal = isLoopbackAddress(metricsHost);
  const answer: Handler = ({ url = '', headers, rawHeaders }, response) => {
    const [, name = ''] = /^\/metrics\/([a-z]+)$/.exec(url) ?? [];
    const service = Object.hasOwn(services, name) ? services[name] : undefined;
    const isForeign =
      isLocal && checkHost(rawHeaders, headers.host, { hosts: [], origins: [] }) !== undefined;
    const needsSecret = !isLocal && operatorSecret !== undefined;
    if (needsSecret && !hasBearer(headers.authorization, operatorSecret))
      response.writeHead(401, { 'www-authenticate': 'Bearer', 'content-length': '0' }).end();
    else if (isForeign || service === undefined) response.writeHead(404, { 'content-length': '0' }).end();
    else response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(service.metrics());
  };
  const server = createListener(answer, BOUNDS, certificate);
  await listen(server, metricsPort, metricsHost);
  return { close: () => close(server, 1_000) };
}
