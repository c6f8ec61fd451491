/**
 * The worker thread in which PGlite runs one statement at a time. The main thread (embedded-thread.ts) enforces
 * deadlines, because this one can do nothing while PostgreSQL computes: it cancels the statement, and ends this thread
 * when that does not help.
 */
import { cpSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { DatabaseFailed, DatabaseUnreachable, type ResultSet, SqlFailed, SqlRefused } from './database.js';
import { clearInterrupt, type Interrupt, interruptible } from './pglite-interrupt.js';
import { PgliteSession } from './pglite-session.js';
import { preparation, type Task } from './prepared.js';
import { endTransaction, readOnly, runStatement, type Statement } from './read-only.js';
import { SESSION_SETTINGS, TypeNames } from './values.js';

export type Job = Statement & ({ kind: 'run' } | { kind: 'read'; maxRows: number });
/** `isSpent`: this thread has grown too large or broken, and should be replaced. */
export type WorkerReply =
  | { kind: 'ready'; interrupt?: Interrupt }
  | { kind: 'result'; result: ResultSet; isSpent: boolean }
  | ({ kind: 'failed'; isSpent: boolean } & ErrorParts);
/** An error does not survive the way to another thread; its parts do. */
export type ErrorParts = {
  name: string;
  message: string;
  sqlState?: string | undefined;
  position?: number | undefined;
  cause?: string;
};

/** WebAssembly memory never shrinks; it starts at 190 MiB. */
const SPENT_BYTES = 512 * 1024 * 1024;

async function serve({ directory, fill }: Task, post: (answer: WorkerReply) => void): Promise<void> {
  if (fill === 'build') {
    await build(directory);
    return post({ kind: 'ready' });
  }
  if (fill !== undefined) cpSync(fill.from, directory, { recursive: true });
  const { options, interrupt } = await interruptible();
  const database = await PGlite.create({ dataDir: directory, ...options });
  const flags = interrupt();
  stopWhenBroken(database, post);
  const session = new PgliteSession(database);
  const settings = SESSION_SETTINGS.map(([name, value]) => `set_config('${name}', '${value}', false)`);
  // SESSION AUTHORIZATION is set explicitly, because a rolled back SET LOCAL only returns to a value that was.
  await session.script(
    `SET SESSION AUTHORIZATION postgres; SET temp_file_limit = '256MB'; SET track_activities = off; SELECT ${settings.join(', ')}`,
  );
  const isSpent = () => session.abandoned || database.Module.HEAPU8.length > SPENT_BYTES;
  const types = new TypeNames();
  const begin = 'BEGIN READ ONLY; SET LOCAL SESSION AUTHORIZATION barewire_reader';
  parentPort?.on('message', async (job: Job) => {
    clearInterrupt(flags);
    try {
      const result =
        job.kind === 'run'
          ? await runStatement(session, job, types)
          : await readOnly(session, job, { begin, maxRows: job.maxRows, types });
      post({ kind: 'result', result, isSpent: isSpent() });
    } catch (error) {
      if (session.inTransaction) await endTransaction(session);
      post(failure(error, isSpent()));
    }
  });
  post({ kind: 'ready', interrupt: flags });
}

async function build(directory: string): Promise<void> {
  const database = await PGlite.create({ dataDir: directory });
  for (const script of preparation()) await database.exec(script);
  await database.close();
}

/** The status that marks PGlite's own long jumps. */
const LONG_JUMP = 100;

/**
 * PGlite swallows what WebAssembly throws, such as a stack overflow, and continues in an undefined state. Here the
 * statement fails and the thread ends.
 */
function stopWhenBroken({ Module: postgres }: PGlite, post: (answer: WorkerReply) => void): void {
  const step = postgres._PostgresMainLoopOnce;
  postgres._PostgresMainLoopOnce = () => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Error) || ('status' in error && error.status === LONG_JUMP)) throw error;
      const message = error instanceof RangeError ? 'the statement is nested too deeply' : String(error);
      post(failure(new SqlFailed(message, '54001', undefined), true));
      process.exit();
    }
  };
}

function failure(error: unknown, isSpent: boolean): WorkerReply {
  if (error instanceof SqlFailed || error instanceof SqlRefused) {
    const { name, message } = error;
    const { sqlState = undefined, position = undefined } = error instanceof SqlFailed ? error : {};
    return { kind: 'failed', name, message, sqlState, position, isSpent };
  }
  if (error instanceof DatabaseUnreachable || error instanceof DatabaseFailed) {
    const { name, message, cause } = error;
    return { kind: 'failed', name, message, cause: String(cause), isSpent };
  }
  // Not an answer of PostgreSQL: WebAssembly itself gave up, and what is left of it cannot be trusted.
  return { kind: 'failed', name: 'Error', message: String(error), isSpent: true };
}

if (parentPort !== null) {
  const port = parentPort;
  const task: Task = workerData;
  await serve(task, (answer) => port.postMessage(answer));
}
