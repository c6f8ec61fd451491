/** The demo database, and the PostgreSQL server that can replace it. */
import { topic } from '../setting.js';
import { count, DATABASE_URL, FOLDER, milliseconds } from '../types.js';

export const database = topic('database', 'Database', (setting) => ({
  databaseUrl: setting('database-url', DATABASE_URL, {
    variable: 'DATABASE_URL',
    defaultText: 'an embedded database',
    help: 'PostgreSQL server for the demo data and for everything that replicas share.',
  }),
  databaseReaderUrl: setting('database-reader-url', DATABASE_URL, {
    variable: 'DATABASE_READER_URL',
    defaultText: 'a login that the set-up creates',
    help: 'The same database with a login that may only read.',
  }),
  databaseConnections: setting('database-connections', count(1, 1_000), {
    default: 4,
    help: 'Connections to a PostgreSQL server that one tenant may use for postgres.readonly, and as many again for the other tools. One more is kept for other tenants.',
  }),
  cacheHome: setting('cache-home', FOLDER, {
    variable: 'XDG_CACHE_HOME',
    defaultText: '~/.cache',
    help: 'Folder that keeps the prepared embedded database.',
  }),
  sqlDeadlineMs: setting('sql-ms', milliseconds(10), {
    default: 5_000,
    help: 'Time limit for a statement of postgres.readonly.',
  }),
  sqlRows: setting('sql-rows', count(1, 100_000), {
    default: 1_000,
    help: 'Maximum number of rows that postgres.readonly returns.',
  }),
}));
