/**
 * Wraps the database for tools, resources and prompts, and times what they ask of it. When it is unreachable, busy or too slow, callers
 * get a fixed sentence and the operator's log gets the cause. Errors that a statement caused pass through.
 */

import type { OnError } from '../../wire/log.js';
import { ToolError } from '../../wire/mcp/definitions.js';
import {
  type Caller,
  type Database,
  DatabaseBusy,
  DatabaseFailed,
  DatabaseUnprepared,
  DatabaseUnreachable,
  SqlDeadline,
} from '../database/database.js';

/** Does the work, and notes how long it took. */
type Timer = <T>(work: () => Promise<T>) => Promise<T>;
export type DatabaseTimers = { read: Timer; run: Timer; prepare: Timer };

const untimed: Timer = (work) => work();
const UNTIMED: DatabaseTimers = { read: untimed, run: untimed, prepare: untimed };

export function withPublicErrors(database: Database, onError: OnError, timers = UNTIMED): Database {
  const explain = (error: unknown): never => {
    const message = publicMessage(error);
    if (message === undefined) throw error;
    if (error instanceof DatabaseUnreachable) onError(error, 'database.unreachable');
    if (error instanceof DatabaseUnprepared) onError(error, 'database.unprepared');
    if (error instanceof DatabaseFailed) onError(error, 'database.failed');
    if (error instanceof DatabaseBusy) onError(error, 'database.busy');
    throw new ToolError(message, { cause: error });
  };
  async function whenPrepared<T>({ waitFor }: Caller, timer: Timer, query: () => Promise<T>): Promise<T> {
    try {
      const preparing = database.preparing();
      if (preparing !== undefined) {
        const prepared = timers.prepare(() => preparing);
        // On the first start preparing the data may take longer than a call's deadline, so the deadline does not run then.
        await (waitFor === undefined ? prepared : waitFor(prepared));
      }
      return await timer(query);
    } catch (error) {
      return explain(error);
    }
  }
  return {
    read: (sql, params, options) =>
      whenPrepared(options, timers.read, () => database.read(sql, params, options)),
    run: (sql, params, caller = {}) =>
      whenPrepared(caller, timers.run, () => database.run(sql, params, caller)),
    preparing: () => database.preparing(),
    ready: () => database.ready(),
    close: () => database.close(),
  };
}

function publicMessage(error: unknown): string | undefined {
  if (error instanceof DatabaseUnreachable) return 'the database cannot be reached at the moment';
  if (error instanceof DatabaseUnprepared)
    return `the database could not be prepared${codeOf(error.cause)}; the reason is in the server's log`;
  if (error instanceof DatabaseBusy) return `${error.message}; try again in a moment`;
  if (error instanceof DatabaseFailed) return `${error.message}; the reason is in the server's log`;
  return error instanceof SqlDeadline ? error.message : undefined;
}

/** Such as EACCES: enough to act on, without a path. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
}
