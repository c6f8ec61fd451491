/**
 * The database on a PostgreSQL server: the owner's connections for our own statements, and a separate login role for the
 * callers', so that no RESET ROLE leads back to the owner. The server is set up at the first use.
 */
import pg from 'pg';
import { type Database, DatabaseUnreachable } from './database.js';
import { isSetUpLost, onConnection, unreachable } from './postgres-session.js';
import { type ReaderRole, readerName, readerPassword, setUp } from './postgres-setup.js';
import { readOnly, runStatement } from './read-only.js';
import { refuseUnlessReading } from './sql-text.js';
import { Turns } from './turns.js';
import { SESSION_SETTINGS, TypeNames } from './values.js';
import { unlessAborted, within } from './waiting.js';

export type ServerOptions = {
  /** `DATABASE_URL`: connects as the owner of the schema `demo`. */
  url: string;
  /** `DATABASE_READER_URL`: a role that may only read. Without it one is created, which requires CREATEROLE. */
  readerUrl?: string;
  /** Statements of one tenant at the same time: this many of our own, and as many of its callers'. */
  connections?: number;
  /** Milliseconds that one of our own statements may run. */
  runDeadlineMs?: number;
};

export function openServer({
  url,
  readerUrl,
  connections = 4,
  runDeadlineMs = 30_000,
}: ServerOptions): Database {
  const owner = connection(url);
  const ours = readerName(owner.database ?? '');
  const password = owner.password ? readerPassword(owner.password, ours) : null;
  const reader =
    readerUrl === undefined
      ? { ...owner, user: ours, password: password ?? undefined }
      : connection(readerUrl);
  const role: ReaderRole = { name: reader.user ?? ours, ...(readerUrl === undefined && { password }) };
  // One more than a tenant can use, so that its slow statements leave a connection to the others.
  const atOnce = connections + 1;
  const owners = pool({ ...owner, max: atOnce, statement_timeout: runDeadlineMs });
  const readers = pool({ ...reader, max: atOnce });
  // Probes have their own connections, so that they wait for no statement.
  const probes = [owner, reader].map((side) => pool({ ...side, max: 1, statement_timeout: PROBE_MS }));
  const running = new Turns({ atOnce, atOncePerTenant: connections });
  const reading = new Turns({ atOnce, atOncePerTenant: connections });
  const types = new TypeNames();
  let prepared: Promise<void> | undefined;
  let isPrepared = false;
  let probing: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function forget(): void {
    prepared = undefined;
    isPrepared = false;
  }

  function prepare(): Promise<void> {
    if (closing !== undefined) throw new DatabaseUnreachable('the database is closed');
    prepared ??= asOwner().then(
      () => {
        isPrepared = true;
      },
      (error) => {
        forget();
        throw error;
      },
    );
    return prepared;
  }

  async function asOwner(): Promise<void> {
    const client = new pg.Client({ ...owner, connectionTimeoutMillis: CONNECT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect().catch((error: unknown) => {
        throw unreachable(error);
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

  /** The next statement repeats a set-up that is gone. */
  function forgetIfLost(error: unknown): never {
    if (isSetUpLost(error)) forget();
    throw error;
  }

  async function probe(): Promise<void> {
    await prepare();
    await look().catch(async (error: unknown) => {
      if (!isSetUpLost(error)) throw error;
      forget();
      await prepare();
      await look();
    });
  }

  async function look(): Promise<void> {
    for (const side of probes) {
      await onConnection(side, { deadlineMs: PROBE_MS }, { discard: false }, (session) =>
        session.script('SELECT FROM demo.incident_events LIMIT 0'),
      );
    }
  }

  return {
    async read(sql, params, { deadlineMs, maxRows, signal, tenantKey, onStart }) {
      refuseUnlessReading(sql);
      signal?.throwIfAborted();
      await unlessAborted(prepare(), signal);
      const begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(deadlineMs)}`;
      const work = () =>
        onConnection(readers, { deadlineMs, signal }, { discard: true }, (session) => {
          onStart?.();
          return readOnly(session, { sql, params }, { begin, maxRows, types });
        });
      return reading.run(work, { signal, tenant: tenantKey }).catch((error) => {
        // A missing table may be the caller's own mistake; a missing login is not.
        if (error instanceof DatabaseUnreachable) forgetIfLost(error);
        throw error;
      });
    },
    async run(sql, params, { signal, tenantKey } = {}) {
      signal?.throwIfAborted();
      await unlessAborted(prepare(), signal);
      const work = () =>
        onConnection(owners, { deadlineMs: runDeadlineMs, signal }, { discard: false }, (session) =>
          runStatement(session, { sql, params }, types),
        );
      return running.run(work, { signal, tenant: tenantKey, rank: 'own' }).catch(forgetIfLost);
    },
    preparing: () => (isPrepared || closing !== undefined ? undefined : prepare()),
    async ready() {
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      // Another replica may hold the set-up for longer than the prober waits.
      const late = `the database did not answer within ${PROBE_MS / 1000} s`;
      await within(PROBE_MS, new DatabaseUnreachable(late), probing);
    },
    close() {
      closing ??= Promise.all([owners, readers, ...probes].map((each) => each.end())).then(() => undefined);
      return closing;
    },
  };
}

const CONNECT_MS = 5000;
const PROBE_MS = 5000;

type Connection = Pick<pg.ClientConfig, 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'> & {
  password?: string | undefined;
};

/** The parts of a connection URL, as `pg` reads them. */
function connection(url: string): Connection {
  const { host, port, database, user, password, ssl } = new pg.Client({ connectionString: url });
  return { host, port, database, user, password, ssl };
}

function pool(config: pg.PoolConfig): pg.Pool {
  const newPool = new pg.Pool({
    ...config,
    application_name: 'barewire',
    options: SESSION_SETTINGS.map(([name, value]) => `-c ${name}=${value}`).join(' '),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // The pool drops an idle connection that was lost, and a statement on a busy one fails.
  newPool.on('error', () => undefined);
  newPool.on('connect', (client) => client.on('error', () => undefined));
  return newPool;
}
