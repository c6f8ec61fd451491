/** What the operator of a process sees: the trace and the metrics. */
import { topic } from '../setting.js';
import { SWITCH, URL_SECRET, whole } from '../types.js';

export const operator = topic('operator', 'Trace and metrics', (setting) => ({
  trace: setting('trace', SWITCH, {
    default: 'false',
    help: 'Explain every HTTP exchange of the MCP endpoints on stderr and, without a public URL, on the page /trace under the secret that is printed at the start. Tokens and secrets are masked; other data may be shown.',
  }),
  operatorSecret: setting('operator-secret', URL_SECRET, {
    defaultText: 'generated and printed at the start',
    help: 'Secret that opens /metrics and /trace. With a public URL neither is served.',
  }),
  metricsPort: setting('metrics-port', whole('PORT', 1, 65_535), {
    help: 'Serve /metrics/readonly, /metrics/destructive and /metrics/registry for Prometheus on this port of 127.0.0.1, also with a public URL.',
  }),
}));
