/** Sessions of legacy clients. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { topic } from '../setting.js';
import { count, milliseconds } from '../types.js';

export const sessions = topic('sessions', 'Sessions of legacy clients', (setting) => ({
  sessions: setting('sessions', count(0, 1_000_000), {
    default: 0,
    help: 'Legacy sessions that a process keeps at the same time, shared with its replicas through DATABASE_URL. 0 keeps none.',
  }),
  sessionsPerPrincipal: setting('sessions-per-principal', count(1, 1_000_000), {
    defaultText: 'a tenth of --sessions, and at least 10',
    help: 'Sessions that one principal (issuer, tenant, user and client) may have open at each process.',
  }),
  sessionIdleMs: setting('session-idle-ms', milliseconds(1_000), {
    default: 30 * 60_000,
    help: 'Silence after which a session ends.',
  }),
  retryMs: setting('retry-ms', milliseconds(0), {
    default: BOUNDS.retryMs,
    help: 'When a client in a session may come back to a stream that it lost.',
  }),
}));
