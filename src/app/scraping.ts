/** The metrics of an endpoint on its own port, behind the operator's secret. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asksForMetrics } from '../pages/operator-secret.js';
import { NOSNIFF } from '../wire/http/reply.js';
import type { Service } from '../wire/server/incoming.js';
import { METRICS_TYPE } from './metrics.js';

/** False where the request lacks the secret, or there is none: then there is nothing under that path. */
export function sendMetrics(
  route: Service & { operatorSecret: string | undefined },
  { headers }: IncomingMessage,
  response: ServerResponse,
  path: string,
): boolean {
  const { operatorSecret } = route;
  if (operatorSecret === undefined || !asksForMetrics(path, headers.authorization, operatorSecret))
    return false;
  response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(metricsText(route));
  return true;
}

export function metricsText({ metrics, inFlight, budget, sessions }: Service): string {
  const gauges = {
    mcp_requests_in_flight: inFlight.count,
    mcp_bytes_in_flight: budget.bytes,
    mcp_listeners: inFlight.listening,
    mcp_sessions: sessions?.count ?? 0,
    process_resident_memory_bytes: process.memoryUsage.rss(),
    process_uptime_seconds: process.uptime(),
  };
  return metrics.text(gauges);
}
