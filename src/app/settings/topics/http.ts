/** Which hosts and origins are served, how long connections last, and which of them may be unencrypted. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { topic } from '../setting.js';
import { list, milliseconds } from '../types.js';

export const http = topic('http', 'HTTP connections', (setting) => ({
  allowHosts: setting('allow-host', list('NAME,…'), {
    default: '',
    help: 'Host names to serve besides the loopback ones.',
  }),
  allowOrigins: setting('allow-origin', list('ORIGIN,…'), {
    default: '',
    help: 'Browser origins to serve besides pages on loopback.',
  }),
  allowPlaintext: setting('allow-plaintext', list('HOST,…'), {
    default: '',
    help: 'Hosts to which connections may be unencrypted (database, policy engine, Slack webhook), for a network that encrypts traffic itself. Loopback is always allowed.',
  }),
  requestMs: setting('request-ms', milliseconds(100), {
    default: BOUNDS.requestMs,
    help: 'Time a client has to send a request.',
  }),
  keepAliveMs: setting('keep-alive-ms', milliseconds(10), {
    default: BOUNDS.keepAliveMs,
    help: 'Silence on a stream after which the server sends a comment.',
  }),
  drainMs: setting('drain-ms', milliseconds(0), {
    default: BOUNDS.drainMs,
    help: 'Time that running calls have to finish when the server stops.',
  }),
  lingerMs: setting('linger-ms', milliseconds(0), {
    default: 3_000,
    help: 'After SIGTERM, how long an unused connection stays open for a proxy that may be about to send. The proxy must close unused connections sooner.',
  }),
}));
