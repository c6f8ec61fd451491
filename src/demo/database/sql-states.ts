/**
 * Translates an error of PostgreSQL by its SQLSTATE. What a statement can cause goes to its caller. What says that the
 * database is down or in trouble goes to the log, because its message may name paths.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { DatabaseFailed, DatabaseUnreachable, SqlFailed } from './database.js';

/**
 * `caller`: the statement, its values or its cost. `away`: no connection, or the end of one. `server`: the connection is
 * fine, but the server's files or settings are not.
 */
export type Cause = 'caller' | 'away' | 'server';

/** A whole state counts before its class. Every other state is the caller's, since it answered a statement. */
const CAUSES: { [prefix: string]: Cause } = {
  '08': 'away', // connection exception
  // The protocol's own class, with which PostgreSQL also reports a wrong number of parameters.
  '08P01': 'caller',
  '25P02': 'away', // this session is in a failed transaction, which its user knows nothing about
  '25P03': 'away', // ended for idling in a transaction
  '25P04': 'away', // ended for a transaction that took too long
  '28': 'away', // invalid authorization: the login is rejected
  '3D': 'away', // the database does not exist
  '53300': 'away', // too many connections
  '57': 'away', // operator intervention: shutdown, crash, cannot connect now
  '57014': 'caller', // query canceled
  '53100': 'server', // disk full
  '58': 'server', // system error: I/O
  F0: 'server', // configuration file error
  XX001: 'server', // data corrupted
  XX002: 'server', // index corrupted
};

export function causeOf(sqlState = ''): Cause {
  return CAUSES[sqlState] ?? CAUSES[sqlState.slice(0, 2)] ?? 'caller';
}

/** PostgreSQL repeats an offending value in its message, however long that is. */
const MAX_MESSAGE = 1000;

type ReportedError = {
  message?: string | undefined;
  code?: string | undefined;
  position?: string | undefined;
};

export function toDatabaseError(
  { message = 'the statement failed', code, position }: ReportedError,
  options?: ErrorOptions,
): Error {
  const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}...` : message;
  const cause = causeOf(code);
  if (cause === 'caller')
    return new SqlFailed(text, code, position === undefined ? undefined : Number(position), options);
  const logged = { cause: options?.cause ?? new Error(`${text} (SQLSTATE ${code})`) };
  if (cause === 'away') return new DatabaseUnreachable('the database cannot be reached', logged);
  return new DatabaseFailed(`the database failed at this statement (SQLSTATE ${code})`, logged);
}
