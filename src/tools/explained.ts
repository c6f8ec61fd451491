/**
 * The database as every tool, resource and prompt is given it: when it is away, busy or too slow, callers read one
 * fixed sentence, and the operator's log the cause. What a statement itself does wrong passes through.
 */
import { ToolError } from '../mcp/tool.js';
import {
  type Database,
  DatabaseBusy,
  DatabaseFailed,
  DatabaseUnreachable,
  SqlDeadline,
} from '../store/database.js';

type OnError = (error: unknown, about: string) => void;

export function explained(database: Database, onError: OnError): Database {
  const explain = (error: unknown): never => {
    const said = sentenceFor(error);
    if (said === undefined) throw error;
    if (error instanceof DatabaseUnreachable) onError(error, 'the database is away');
    if (error instanceof DatabaseFailed) onError(error, 'the database fails');
    if (error instanceof DatabaseBusy) onError(error, 'the database is busy');
    throw new ToolError(said, { cause: error });
  };
  return {
    read: (sql, params, options) => database.read(sql, params, options).catch(explain),
    run: (sql, params, options) => database.run(sql, params, options).catch(explain),
    ready: () => database.ready(),
    close: () => database.close(),
  };
}

function sentenceFor(error: unknown): string | undefined {
  if (error instanceof DatabaseUnreachable) return 'the database cannot be reached at the moment';
  if (error instanceof DatabaseBusy) return `${error.message}; try again in a moment`;
  if (error instanceof DatabaseFailed) return `${error.message}; the reason is in the server's log`;
  return error instanceof SqlDeadline ? error.message : undefined;
}
