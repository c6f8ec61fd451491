/**
 * Who has to act on an error of PostgreSQL, by its SQLSTATE. One table: what a statement can cause is reported to its
 * caller, and the connection is kept; what says that the database is away is not the caller's affair, and the connection
 * is closed.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */

/**
 * `caller`: the statement, its values or its cost. `away`: no connection, or the end of one. `server`: the connection is
 * well, but the server's files or settings are not; its message may name paths.
 */
export type Cause = 'caller' | 'away' | 'server';

/** The longest prefix counts: a whole state before its class. */
const CAUSES: { [prefix: string]: Cause } = {
  '0A': 'caller', // feature not supported
  '0L': 'caller', // invalid grantor
  '0P': 'caller', // invalid role specification
  '20': 'caller', // case not found
  '21': 'caller', // cardinality violation: a subquery with two rows
  '22': 'caller', // data exception: division by zero, a text that is no number
  '23': 'caller', // integrity constraint violation
  '24': 'caller', // invalid cursor state
  '25': 'caller', // invalid transaction state: 25006, a write in a READ ONLY transaction
  '26': 'caller', // invalid SQL statement name
  '2F': 'caller', // SQL routine exception
  '34': 'caller', // invalid cursor name
  '38': 'caller', // external routine exception
  '39': 'caller', // external routine invocation exception
  '3B': 'caller', // savepoint exception
  '3F': 'caller', // invalid schema name
  '40': 'caller', // transaction rollback: a deadlock or a serialization failure, which may be tried again
  '42': 'caller', // syntax error, unknown name, missing privilege
  '44': 'caller', // WITH CHECK OPTION violation
  '53': 'caller', // insufficient resources: 53200 memory, 53400 temporary files
  '54': 'caller', // program limit exceeded: too complex, too many columns
  '55': 'caller', // object not in prerequisite state
  '57014': 'caller', // query canceled
  '72': 'caller', // snapshot failure
  HV: 'caller', // foreign data wrapper
  P0: 'caller', // PL/pgSQL: raise
  XX: 'caller', // internal error: an odd statement reaches some
  // The protocol's own class, with which PostgreSQL also reports a wrong number of parameters.
  '08P01': 'caller',
  '08': 'away', // connection exception
  '25P02': 'away', // this session is in a failed transaction, of which its user knows nothing
  '25P03': 'away', // ended for idling in a transaction
  '25P04': 'away', // ended for a transaction that took too long
  '28': 'away', // invalid authorization: the login is refused
  '3D': 'away', // the database does not exist
  '53300': 'away', // too many connections
  '57': 'away', // operator intervention: shutdown, crash, cannot connect now
  '53100': 'server', // disk full
  '58': 'server', // system error: I/O
  F0: 'server', // configuration file error
  XX001: 'server', // data corrupted
  XX002: 'server', // index corrupted
};

/** A state that the table does not know tells its caller: it came as the answer to a statement. */
export function causeOf(sqlState: string | undefined): Cause {
  if (sqlState === undefined) return 'caller';
  return CAUSES[sqlState] ?? CAUSES[sqlState.slice(0, 2)] ?? 'caller';
}
