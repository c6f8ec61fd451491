/**
 * One statement on one connection of a `pg` pool: ended at its deadline or when its caller leaves, bounded in what it
 * may send back, and leaving nothing behind in the session. What a statement is allowed to be is decided elsewhere.
 */
import pg from 'pg';
import { DatabaseUnreachable, SqlDeadline, SqlFailed, SqlRefused } from './database.js';
import { type Session, toDatabaseError } from './read-only.js';
import type { Cells, Field, Rows } from './values.js';

export type Limits = { deadlineMs: number; signal: AbortSignal | undefined };

/** Room for the messages around the rows. */
const SLACK_BYTES = 512 * 1024;
/** How long a statement may take to notice that it was cancelled, before we hang up. */
const GRACE_MS = 1000;

/** Runs `work` on a connection of its own; `discard` throws away whatever the session gathered. */
export async function onConnection<T>(
  pool: pg.Pool,
  { deadlineMs, signal }: Limits,
  { discard }: { discard: boolean },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await acquire(pool, signal);
  const session = new PgSession(client);
  let ended: { reason: unknown } | undefined;
  let late: NodeJS.Timeout | undefined;
  const hangUp = () => client.connection.stream.destroy();
  const stop = (reason: unknown) => {
    if (ended !== undefined) return;
    ended = { reason };
    late = setTimeout(hangUp, GRACE_MS);
    cancel(pool, client).catch(hangUp);
  };
  const onAbort = () => stop(signal?.reason);
  const onError = () => {
    session.gone = true;
  };
  client.on('error', onError);
  signal?.addEventListener('abort', onAbort);
  const began = performance.now();
  const timer = setTimeout(() => stop(new SqlDeadline(deadlineMs)), deadlineMs);
  try {
    if (signal?.aborted) throw signal.reason;
    return await work(session);
  } catch (error) {
    if (ended !== undefined) throw ended.reason;
    // The server's own statement_timeout, a moment before our timer. Its words are in the server's language.
    const cancelled = error instanceof SqlFailed && error.sqlState === '57014';
    throw cancelled && performance.now() - began > deadlineMs * 0.9 ? new SqlDeadline(deadlineMs) : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(late);
    signal?.removeEventListener('abort', onAbort);
    // A cancel that is still under way must not hit whoever has the connection next.
    if (ended !== undefined) session.gone = true;
    if (discard && !session.gone) await session.script('DISCARD ALL').catch(onError);
    // Within a transaction that somebody left open, nothing of the next user would last, or even run.
    if (session.inTransaction) session.abandon();
    client.off('error', onError);
    client.release(session.gone);
  }
}

class PgSession implements Session {
  /** The connection is lost or was given up. */
  gone = false;

  constructor(private readonly client: pg.PoolClient) {}

  get inTransaction(): boolean {
    return this.client.getTransactionStatus() !== 'I';
  }

  abandon(): void {
    this.gone = true;
  }

  async script(sql: string): Promise<void> {
    if (this.gone) return;
    await this.client.query(sql).catch((error: unknown) => this.fail(error));
  }

  async query(sql: string, values: Cells, rows: Rows): Promise<Field[]> {
    const { stream } = this.client.connection;
    let bytes = 0;
    let refused: unknown;
    const guard = (add: () => void) => {
      try {
        add();
      } catch (error) {
        refused = error;
      }
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < rows.maxBytes + SLACK_BYTES || this.gone) return;
      // The rest may be gigabytes; the only way not to receive it is to hang up.
      this.gone = true;
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
          if (refused === undefined) guard(() => rows.add(row));
        });
        query.on('end', (result) => {
          fields = toFields(result.fields);
          resolve();
        });
        query.on('error', reject);
        this.client.query(query);
      });
    } catch (error) {
      if (refused === undefined && !rows.truncated) this.fail(error);
    } finally {
      stream.off('data', onData);
    }
    if (refused !== undefined) throw refused;
    return fields;
  }

  /** @throws SqlFailed or DatabaseFailed for PostgreSQL's own answer, DatabaseUnreachable for everything else. */
  private fail(error: unknown): never {
    const translated = translate(error);
    if (translated instanceof DatabaseUnreachable) this.gone = true;
    throw translated;
  }
}

/** What a statement ended with. An error that PostgreSQL did not send means that the connection is lost. */
function translate(error: unknown): Error {
  if (error instanceof SqlRefused || error instanceof DatabaseUnreachable) return error;
  return error instanceof pg.DatabaseError ? toDatabaseError(error, { cause: error }) : unreachable(error);
}

/** For connecting, where no error is of any caller's making: PostgreSQL and proxies before it use states of any class. */
export function unreachable(cause: unknown): DatabaseUnreachable {
  return new DatabaseUnreachable('the database cannot be reached', { cause });
}

/** Whether a statement of ours failed for want of the login, the schema or its tables: the set-up is to be done again. */
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

/** A connection from the pool; a caller who leaves while waiting is told at once, and the connection goes back. */
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

/** Asks the server to end the statement, on another connection. */
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
