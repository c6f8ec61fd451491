/**
 * Runs somebody's statement so that it can only read, the same on both engines: as the query of a cursor, in a
 * READ ONLY transaction that is always rolled back. `DECLARE c CURSOR FOR` takes a SELECT, VALUES, TABLE or
 * WITH ... SELECT and nothing else, no data-modifying WITH and no SELECT INTO, by PostgreSQL's own grammar; the
 * extended protocol takes one statement. Which role it runs as is the business of the session.
 */
import { DatabaseFailed, DatabaseUnreachable, type ResultSet, SqlFailed } from './database.js';
import { causeOf } from './sql-states.js';
import { type Cells, type Field, Rows, type TypeNames, toResult } from './values.js';

/** One connection of an engine. Its two kinds of statements throw SqlFailed with PostgreSQL's own position. */
export interface Session {
  /** Several statements without parameters, all ours. */
  script(sql: string): Promise<void>;
  /** One statement by the extended protocol, all values as text; its rows go to `rows`. */
  query(sql: string, params: Cells, rows: Rows): Promise<Field[]>;
  /** Whether PostgreSQL reported, after its last answer, that a transaction is still open. */
  readonly inTransaction: boolean;
  /** The session is not used again: its owner ends it after this statement. */
  abandon(): void;
}

/** Bytes of an answer that are kept, on the wire: the rest is cut off and `truncated` says so. */
export const MAX_BYTES = 4 * 1024 * 1024;

const DECLARE = 'DECLARE c NO SCROLL CURSOR FOR ';

export type Statement = { sql: string; params: Cells };

export async function readOnly(
  session: Session,
  { sql, params }: Statement,
  { begin, maxRows, types }: { begin: string; maxRows: number; types: TypeNames },
): Promise<ResultSet> {
  try {
    await beginTransaction(session, begin);
    await declare(session, sql, params);
    // The shape first: after an answer that was cut off there may be no connection left to ask.
    const fields = await session.query('FETCH 0 FROM c', [], new Rows());
    const columns = await types.columns(fields, (text, values) => all(session, text, values));
    const rows = new Rows(maxRows, MAX_BYTES);
    await session.query(`FETCH ${maxRows + 1} FROM c`, [], rows);
    return toResult(columns, fields, rows);
  } finally {
    await endTransaction(session);
  }
}

async function beginTransaction(session: Session, begin: string): Promise<void> {
  try {
    await session.script(begin);
  } catch (cause) {
    // A cancelled one is no worse for it.
    if (isCancelled(cause)) throw cause;
    session.abandon();
    if (!(cause instanceof SqlFailed)) throw cause;
    // Not the caller's statement failed but one of ours.
    throw new DatabaseUnreachable('the database session cannot begin a transaction', { cause });
  }
}

/**
 * A session that stays in a transaction fails every later statement (25P02), so it is abandoned. The caller still gets
 * the outcome of its own statement: this never throws.
 */
export async function endTransaction(session: Session): Promise<void> {
  const rollBack = () => session.script('ROLLBACK');
  try {
    // A cancel that was meant for the statement may come as late as this, once.
    await rollBack().catch((error) => (isCancelled(error) ? rollBack() : Promise.reject(error)));
    if (session.inTransaction) session.abandon();
  } catch {
    session.abandon();
  }
}

const isCancelled = (error: unknown): boolean => error instanceof SqlFailed && error.sqlState === '57014';

/** Runs one of our own statements; nothing is cut off. */
export async function runStatement(
  session: Session,
  statement: Statement,
  types: TypeNames,
): Promise<ResultSet> {
  const rows = new Rows();
  const fields = await session.query(statement.sql, statement.params, rows);
  const columns = await types.columns(fields, (text, values) => all(session, text, values));
  return toResult(columns, fields, rows);
}

async function all(session: Session, sql: string, params: Cells): Promise<readonly Cells[]> {
  const rows = new Rows();
  await session.query(sql, params, rows);
  return rows.kept;
}

/** Error positions are those of the caller's text. */
async function declare(session: Session, sql: string, params: Cells): Promise<void> {
  try {
    await session.query(DECLARE + sql, params, new Rows(1, MAX_BYTES));
  } catch (error) {
    if (!(error instanceof SqlFailed) || error.position === undefined) throw error;
    const position = error.position - DECLARE.length;
    throw new SqlFailed(error.message, error.sqlState, position > 0 ? position : undefined, {
      cause: error.cause,
    });
  }
}

type Reported = {
  message?: string | undefined;
  code?: string | undefined;
  position?: string | undefined;
};

/** PostgreSQL's error, as sql-states.ts classifies it. Its message repeats the offending value, however long that is. */
export function toDatabaseError({ message, code, position }: Reported, options?: ErrorOptions): Error {
  const said = message ?? 'the statement failed';
  const shown = said.length > 1000 ? `${said.slice(0, 1000)}...` : said;
  const cause = causeOf(code);
  if (cause === 'caller')
    return new SqlFailed(shown, code, position === undefined ? undefined : Number(position), options);
  const logged = { cause: options?.cause ?? new Error(`${shown} (SQLSTATE ${code})`) };
  if (cause === 'away') return new DatabaseUnreachable('the database cannot be reached', logged);
  return new DatabaseFailed(`the database failed at this statement (SQLSTATE ${code})`, logged);
}
