/**
 * Runs untrusted SQL so that it can only read, the same way on both engines: as the query of a cursor, in a READ ONLY
 * transaction that is always rolled back. By PostgreSQL's own grammar `DECLARE c CURSOR FOR` accepts a SELECT, VALUES,
 * TABLE or WITH ... SELECT and nothing else: no data-modifying WITH and no SELECT INTO. The extended protocol accepts
 * one statement. The session decides which role runs it.
 */
import { DatabaseUnreachable, type ResultSet, SqlFailed } from './database.js';
import { type Query, Rows, type TypeNames, toParam, toResult } from './values.js';

/** One connection of an engine. Both methods throw SqlFailed with PostgreSQL's own position. */
export interface Session {
  /** Runs several of our own statements without parameters. */
  script(sql: string): Promise<void>;
  query: Query;
  /** Whether PostgreSQL last reported that a transaction is still open. */
  readonly inTransaction: boolean;
  /** The session's owner ends it after this statement. */
  abandon(): void;
}

/** Bytes of rows that are kept, as sent by PostgreSQL. The rest is cut off, and `truncated` says so. */
const MAX_BYTES = 4 * 1024 * 1024;

const DECLARE = 'DECLARE c NO SCROLL CURSOR FOR ';

export type Statement = { sql: string; params: readonly unknown[] };

export async function readOnly(
  session: Session,
  statement: Statement,
  { begin, maxRows, types }: { begin: string; maxRows: number; types: TypeNames },
): Promise<ResultSet> {
  try {
    await beginTransaction(session, begin);
    await declareCursor(session, statement);
    // The columns first: after an answer that was cut off there may be no connection left to ask.
    const fields = await session.query('FETCH 0 FROM c', [], new Rows());
    const columns = await types.columnsOf(fields, session);
    const rows = new Rows(maxRows, MAX_BYTES);
    await session.query(`FETCH ${maxRows + 1} FROM c`, [], rows);
    return toResult(columns, fields, rows);
  } finally {
    await endTransaction(session);
  }
}

/** Runs one of our own statements; nothing is cut off. */
export async function runStatement(
  session: Session,
  { sql, params }: Statement,
  types: TypeNames,
): Promise<ResultSet> {
  const rows = new Rows();
  const fields = await session.query(sql, params.map(toParam), rows);
  return toResult(await types.columnsOf(fields, session), fields, rows);
}

async function beginTransaction(session: Session, begin: string): Promise<void> {
  try {
    await session.script(begin);
  } catch (cause) {
    if (isCancelled(cause)) throw cause;
    session.abandon();
    if (!(cause instanceof SqlFailed)) throw cause;
    // Our own statement failed, not the caller's.
    throw new DatabaseUnreachable('the database session cannot begin a transaction', { cause });
  }
}

/** Makes error positions count from the start of the caller's text. */
async function declareCursor(session: Session, { sql, params }: Statement): Promise<void> {
  try {
    await session.query(DECLARE + sql, params.map(toParam), new Rows(1, MAX_BYTES));
  } catch (error) {
    if (!(error instanceof SqlFailed) || error.position === undefined) throw error;
    const { message, sqlState, cause } = error;
    const position = error.position - DECLARE.length;
    throw new SqlFailed(message, sqlState, position > 0 ? position : undefined, { cause });
  }
}

/**
 * A session that stays in a transaction would fail every later statement (25P02), so it is abandoned. This never throws:
 * the caller gets the outcome of its own statement.
 */
export async function endTransaction(session: Session): Promise<void> {
  const rollBack = () => session.script('ROLLBACK');
  try {
    // A cancel request that was meant for the statement may arrive as late as this, once.
    await rollBack().catch((error) => (isCancelled(error) ? rollBack() : Promise.reject(error)));
    if (session.inTransaction) session.abandon();
  } catch {
    session.abandon();
  }
}

const isCancelled = (error: unknown): boolean => error instanceof SqlFailed && error.sqlState === '57014';
