/**
 * The database on a PostgreSQL server: the owner's connections for our own statements, and a login role of its own
 * for everybody else's, so that no RESET ROLE leads back to the owner. The server is set up at the first use.
 */
import pg from 'pg';
import { type Database, DatabaseUnreachable } from './database.js';
import { readOnly, runStatement } from './read-only.js';
import { onConnection, translate } from './server-session.js';
import { READER, type ReaderRole, readerPassword, setUp } from './server-setup.js';
import { refuseUnlessReading } from './sql-text.js';
import { SESSION_SETTINGS, TypeNames, toParam } from './values.js';

export type ServerOptions = {
  /** `DATABASE_URL`: who connects by it owns the schema `demo`. */
  url: string;
  /** `DATABASE_READER_URL`: a role that may only read. Without it one is made, which takes CREATEROLE. */
  readerUrl?: string;
  ownerConnections?: number;
  readerConnections?: number;
  /** Milliseconds that one of our own statements may run. */
  runDeadlineMs?: number;
};

export function openServer({
  url,
  readerUrl,
  ownerConnections = 4,
  readerConnections = 4,
  runDeadlineMs = 30_000,
}: ServerOptions): Database {
  const owner = connection(url);
  const password = owner.password ? readerPassword(owner.password) : null;
  const reader =
    readerUrl === undefined
      ? { ...owner, user: READER, password: password ?? undefined }
      : connection(readerUrl);
  const role: ReaderRole = { name: reader.user ?? READER, ...(readerUrl === undefined && { password }) };
  const owners = pool({ ...owner, max: ownerConnections, statement_timeout: runDeadlineMs });
  const readers = pool({ ...reader, max: readerConnections });
  const types = new TypeNames();
  let prepared: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function prepare(): Promise<void> {
    if (closing !== undefined) throw new DatabaseUnreachable('the database is closed');
    prepared ??= asOwner().catch((error) => {
      // The next statement tries again.
      prepared = undefined;
      throw error;
    });
    return prepared;
  }

  async function asOwner(): Promise<void> {
    const client = new pg.Client({ ...owner, connectionTimeoutMillis: CONNECT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect().catch((error: unknown) => {
        throw translate(error);
      });
      await setUp(client, role);
    } catch (cause) {
      if (cause instanceof DatabaseUnreachable) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DatabaseUnreachable(`the database cannot be set up: ${why}`, { cause });
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  return {
    async read(sql, params, { deadlineMs, maxRows, signal }) {
      refuseUnlessReading(sql);
      signal?.throwIfAborted();
      await prepare();
      const begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(deadlineMs)}`;
      return onConnection(readers, { deadlineMs, signal }, { discard: true }, (session) =>
        readOnly(session, { sql, params: params.map(toParam) }, { begin, maxRows, types }),
      );
    },
    async run(sql, params, { signal } = {}) {
      signal?.throwIfAborted();
      await prepare();
      return onConnection(owners, { deadlineMs: runDeadlineMs, signal }, { discard: false }, (session) =>
        runStatement(session, { sql, params: params.map(toParam) }, types),
      );
    },
    async ready() {
      await prepare();
      const limits = { deadlineMs: CONNECT_MS, signal: undefined };
      for (const side of [owners, readers]) {
        await onConnection(side, limits, { discard: false }, (session) => session.script('SELECT 1'));
      }
    },
    close() {
      closing ??= Promise.all([owners.end(), readers.end()]).then(() => undefined);
      return closing;
    },
  };
}

const CONNECT_MS = 5000;

type Connection = Pick<pg.ClientConfig, 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'> & {
  password?: string | undefined;
};

/** The parts of a connection URL, as `pg` reads it. */
function connection(url: string): Connection {
  const { host, port, database, user, password, ssl } = new pg.Client({ connectionString: url });
  return { host, port, database, user, password, ssl };
}

function pool(config: pg.PoolConfig): pg.Pool {
  const made = new pg.Pool({
    ...config,
    application_name: 'barewire',
    options: SESSION_SETTINGS.map(([name, value]) => `-c ${name}=${value}`).join(' '),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // A connection was lost. An idle one the pool has let go of already, and whoever uses one is told otherwise.
  made.on('error', () => undefined);
  made.on('connect', (client) => client.on('error', () => undefined));
  return made;
}
