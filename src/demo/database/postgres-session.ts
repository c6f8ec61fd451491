/**
 * One statement on one connection of a `pg` pool. It ends at its deadline or when its caller leaves, may send back only a
 * bounded answer, and leaves nothing behind in the session.
 */
import pg from 'pg';
import { DatabaseUnreachable, SqlDeadline, SqlFailed, SqlRefused } from './database.js';
import type { Session } from './read-only.js';
import { toDatabaseError } from './sql-states.js';
import type { Cells, Field, Rows } from './values.js';

export type Limits = { deadlineMs: number; signal?: AbortSignal | undefined };

/** Room for the messages around the rows. */
const SLACK_BYTES = 512 * 1024;
/** How long a cancelled statement may take to end before we close the connection. */
const GRACE_MS = 1000;

/** Runs `work` on a connection; `discard` resets the session afterwards. */
export async function onConnection<T>(
  pool: pg.Pool,
  { deadlineMs, signal }: Limits,
  { discard }: { discard: boolean },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await acquire(pool, signal);
  const session = new PgSession(client);
  let interruption: { reason: unknown } | undefined;
  let late: NodeJS.Timeout | undefined;
  const hangUp = () => client.connection.stream.destroy();
  const stop = (reason: unknown) => {
    if (interruption !== undefined) return;
    interruption = { reason };
    late = setTimeout(hangUp, GRACE_MS);
    cancel(pool, client).catch(hangUp);
  };
  const onAbort = () => stop(signal?.reason);
  const onError = () => {
    session.isLost = true;
  };
  client.on('error', onError);
  signal?.addEventListener('abort', onAbort);
  const began = performance.now();
  const timer = setTimeout(() => stop(new SqlDeadline(deadlineMs)), deadlineMs);
  try {
    if (signal?.aborted) throw signal.reason;
    return await work(session);
  } catch (error) {
    if (interruption !== undefined) throw interruption.reason;
    // The server's own statement_timeout, just before our timer. Its message is in the server's language.
    const cancelled = error instanceof SqlFailed && error.sqlState === '57014';
    throw cancelled && performance.now() - began > deadlineMs * 0.9 ? new SqlDeadline(deadlineMs) : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
    // A cancel request that is still on its way must not hit the next user of the connection.
    if (interruption !== undefined) session.isLost = true;
    if (discard && !session.isLost) await session.script('DISCARD ALL').catch(onError);
    // In a transaction that was left open, no work of the next user would last.
    if (session.inTransaction) session.abandon();
    client.off('error', onError);
    client.release(session.isLost);
  }
}

class PgSession implements Session {
  /** The connection is lost or was abandoned. */
  isLost = false;

  constructor(private readonly client: pg.PoolClient) {}

  get inTransaction(): boolean {
    return this.client.getTransactionStatus() !== 'I';
  }

  abandon(): void {
    this.isLost = true;
  }

  async script(sql: string): Promise<void> {
    if (this.isLost) return;
    await this.client.query(sql).catch((error: unknown) => this.fail(error));
  }

  async query(sql: string, values: Cells, rows: Rows): Promise<Field[]> {
    const { stream } = this.client.connection;
    let bytes = 0;
    let rejection: unknown;
    const guard = (add: () => void) => {
      try {
        add();
      } catch (error) {
        rejection = error;
      }
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < rows.maxBytes + SLACK_BYTES || this.isLost) return;
      // The rest may be gigabytes, and only closing the connection stops it.
      this.isLost = true;
      guard(() => rows.cut());
      stream.destroy();
    };
    const config = {
      text: sql,
      values: [...values],
      rowMode: 'array',
      types: AS_TEXT,
      queryMode: 'extended',
    };
    const query = new pg.Query(config);
    let fields: Field[] = [];
    stream.on('data', onData);
    try {
      await new Promise<void>((resolve, reject) => {
        query.on('row', (row: Cells, result) => {
          if (result !== undefined) fields = toFields(result.fields);
          if (rejection === undefined) guard(() => rows.add(row));
        });
        query.on('end', (result) => {
          fields = toFields(result.fields);
          resolve();
        });
        query.on('error', reject);
        this.client.query(query);
      });
    } catch (error) {
      if (rejection === undefined && !rows.truncated) this.fail(error);
    } finally {
      stream.off('data', onData);
    }
    if (rejection !== undefined) throw rejection;
    return fields;
  }

  private fail(error: unknown): never {
    const translated = translate(error);
    if (translated instanceof DatabaseUnreachable) this.isLost = true;
    throw translated;
  }
}

/** An error that PostgreSQL did not send means that the connection is lost. */
function translate(error: unknown): Error {
  if (error instanceof SqlRefused || error instanceof DatabaseUnreachable) return error;
  return error instanceof pg.DatabaseError ? toDatabaseError(error, { cause: error }) : unreachable(error);
}

/** For errors while connecting: no caller causes them, and PostgreSQL and proxies use SQLSTATEs of any class for them. */
export function unreachable(cause: unknown): DatabaseUnreachable {
  return new DatabaseUnreachable('the database cannot be reached', { cause });
}

/** Whether a statement failed because the login, the schema or its tables are missing, so that set-up must run again. */
export function isSetUpLost(error: unknown): boolean {
  const state = error instanceof DatabaseUnreachable ? codeOf(error.cause) : codeOf(error);
  return state !== undefined && /^(28...|3F000|42P01)$/.test(state);
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof SqlFailed) return error.sqlState;
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

const AS_TEXT = { getTypeParser: () => (text: string) => text };

const toFields = (fields: readonly pg.FieldDef[]): Field[] =>
  fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID }));

/** A caller who leaves while waiting is rejected at once, and the connection returns to the pool. */
function acquire(pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    pool
      .connect()
      .finally(() => signal?.removeEventListener('abort', onAbort))
      .then(
        (client) => {
          if (!signal?.aborted) return resolve(client);
          client.release();
          reject(signal.reason);
        },
        (error) => reject(unreachable(error)),
      );
  });
}

/** Asks the server, on another connection, to end the statement. */
async function cancel(pool: pg.Pool, busy: pg.PoolClient): Promise<void> {
  const pid = 'processID' in busy ? busy.processID : undefined;
  const other = new pg.Client(pool.options);
  other.on('error', () => undefined);
  try {
    await other.connect();
    await other.query('SELECT pg_catalog.pg_cancel_backend($1::int)', [pid]);
  } finally {
    await other.end().catch(() => undefined);
  }
}
