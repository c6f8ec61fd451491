/** Serves the metrics of an endpoint on the endpoint's port, behind the operator's secret. */
import { asksForMetrics } from '../pages/operator-secret.js';
import { NOSNIFF } from '../wire/http/body.js';
import type { Load } from '../wire/server/endpoint.js';
import type { RouteHandler } from '../wire/server/ports.js';
import { METRICS_TYPE, type Metrics } from './metrics.js';

/** Leaves a request without the secret to the next route. */
export function metricsRoute(secret: string, text: () => string): RouteHandler {
  return ({ headers }, response, path) => {
    if (!path.startsWith('/metrics') || !asksForMetrics(path, headers.authorization, secret)) return false;
    response.writeHead(200, { 'content-type': METRICS_TYPE, ...NOSNIFF }).end(text());
    return true;
  };
}

export function metricsText(metrics: Metrics, load: Load): string {
  return metrics.text({
    mcp_requests_in_flight: load.requests,
    mcp_bytes_in_flight: load.bytes,
    mcp_listeners: load.listeners,
    mcp_sessions: load.sessions,
    process_resident_memory_bytes: process.memoryUsage.rss(),
    process_uptime_seconds: process.uptime(),
  });
}
