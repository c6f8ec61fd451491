/**
 * The database as every tool, resource and prompt is given it: when it is away, busy or too slow, callers read one
 * fixed sentence, and the operator's log the cause. What a statement itself does wrong passes through.
 */

import { ToolError } from '../../wire/mcp/definitions.js';
import {
  type Caller,
  type Database,
  DatabaseBusy,
  DatabaseFailed,
  DatabaseUnprepared,
  DatabaseUnreachable,
  type ResultSet,
  SqlDeadline,
} from '../database/database.js';

type OnError = (error: unknown, about: string) => void;

export function explained(database: Database, onError: OnError): Database {
  const explain = (error: unknown): never => {
    const said = sentenceFor(error);
    if (said === undefined) throw error;
    if (error instanceof DatabaseUnreachable) onError(error, 'the database is away');
    if (error instanceof DatabaseUnprepared) onError(error, 'the database is not prepared');
    if (error instanceof DatabaseFailed) onError(error, 'the database fails');
    if (error instanceof DatabaseBusy) onError(error, 'the database is busy');
    throw new ToolError(said, { cause: error });
  };
  /** The first call on a machine comes while the data is being prepared, which takes longer than some calls may. */
  const whenPrepared = (run: () => Promise<ResultSet>, caller: Caller): Promise<ResultSet> => {
    const preparing = database.preparing();
    if (preparing === undefined) return run().catch(explain);
    const { waitFor = (needed) => needed } = caller;
    return waitFor(preparing).then(run).catch(explain);
  };
  return {
    read: (sql, params, options) => whenPrepared(() => database.read(sql, params, options), options),
    run: (sql, params, caller = {}) => whenPrepared(() => database.run(sql, params, caller), caller),
    preparing: () => database.preparing(),
    ready: () => database.ready(),
    close: () => database.close(),
  };
}

function sentenceFor(error: unknown): string | undefined {
  if (error instanceof DatabaseUnreachable) return 'the database cannot be reached at the moment';
  if (error instanceof DatabaseUnprepared)
    return `the database could not be prepared${codeOf(error.cause)}; the reason is in the server's log`;
  if (error instanceof DatabaseBusy) return `${error.message}; try again in a moment`;
  if (error instanceof DatabaseFailed) return `${error.message}; the reason is in the server's log`;
  return error instanceof SqlDeadline ? error.message : undefined;
}

/** EACCES and the like: enough to act on, and no path. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
}
