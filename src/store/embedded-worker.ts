/**
 * The worker thread that PGlite lives in: one statement at a time, in the data directory it was given. Deadlines are
 * kept by the other side (embedded.ts), which ends this thread when one passes; nothing here could, while PostgreSQL
 * computes.
 */
import { cpSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, protocol } from '@electric-sql/pglite';
import { type ResultSet, SqlFailed, SqlRefused } from './database.js';
import { preparation } from './prepared.js';
import { readOnly, runStatement, type Session, type Statement, sqlFailed } from './read-only.js';
import { type Cells, type Field, type Rows, SESSION_SETTINGS, TypeNames } from './values.js';

export type Task = {
  directory: string;
  /** Fill the empty directory and leave, with the demo data or with a copy of a prepared directory. */
  fill?: 'build' | { from: string };
};
export type Job = Statement & ({ kind: 'run' } | { kind: 'read'; maxRows: number });
/** `spent`: this thread has grown or broken, and should be replaced. */
export type Answer =
  | { kind: 'ready' }
  | { kind: 'result'; result: ResultSet; spent: boolean }
  | { kind: 'failed'; name: string; message: string; sqlState?: string; position?: number; spent: boolean };

/** WebAssembly memory never shrinks; it starts at 190 MiB. */
const SPENT_BYTES = 512 * 1024 * 1024;

/** Room for the messages around the rows. */
const SLACK_BYTES = 512 * 1024;

class PgliteSession implements Session {
  constructor(private readonly database: PGlite) {}

  script(sql: string): Promise<void> {
    return this.exchange(protocol.serialize.query(sql)).then(() => undefined);
  }

  query(sql: string, values: Cells, rows: Rows): Promise<Field[]> {
    const { parse, bind, describe, execute, sync } = protocol.serialize;
    const parts = [
      parse({ text: sql }),
      bind({ values: [...values] }),
      describe({ type: 'P' }),
      execute(),
      sync(),
    ];
    return this.exchange(Buffer.concat(parts), rows);
  }

  private async exchange(message: Uint8Array, rows?: Rows): Promise<Field[]> {
    const parser = new protocol.Parser();
    let fields: Field[] = [];
    let failed: SqlFailed | undefined;
    let refused: unknown;
    let bytes = 0;
    const limit = (rows?.maxBytes ?? Number.POSITIVE_INFINITY) + SLACK_BYTES;
    const onRawData = (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (refused !== undefined) return;
      try {
        if (bytes > limit) rows?.cut();
        else parser.parse(chunk.slice(), take);
      } catch (error) {
        refused = error;
      }
    };
    const take = (reply: { name: string }) => {
      if (reply instanceof protocol.messages.DataRowMessage) rows?.add(reply.fields);
      else if (reply instanceof protocol.messages.RowDescriptionMessage) {
        fields = reply.fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID }));
      } else if (reply instanceof protocol.messages.DatabaseError) failed ??= sqlFailed(reply);
    };
    await this.database.execProtocolRawStream(message, { onRawData });
    if (refused !== undefined) throw refused;
    if (failed !== undefined) throw failed;
    return fields;
  }
}

async function serve({ directory, fill }: Task, post: (answer: Answer) => void): Promise<void> {
  if (fill === 'build') {
    await build(directory);
    return post({ kind: 'ready' });
  }
  if (fill !== undefined) cpSync(fill.from, directory, { recursive: true });
  const database = await PGlite.create({ dataDir: directory });
  stopWhenBroken(database, post);
  const session = new PgliteSession(database);
  // Said aloud once, for only then does a rolled back SET LOCAL SESSION AUTHORIZATION find its way back to it.
  const settings = SESSION_SETTINGS.map(([name, value]) => `set_config('${name}', '${value}', false)`).join(
    ', ',
  );
  await session.script(
    `SET SESSION AUTHORIZATION postgres; SET temp_file_limit = '256MB'; SELECT ${settings}`,
  );
  const types = new TypeNames();
  const begin = 'BEGIN READ ONLY; SET LOCAL SESSION AUTHORIZATION barewire_reader';
  parentPort?.on('message', async (job: Job) => {
    try {
      const result =
        job.kind === 'run'
          ? await runStatement(session, job, types)
          : await readOnly(session, job, { begin, maxRows: job.maxRows, types });
      post({ kind: 'result', result, spent: database.Module.HEAPU8.length > SPENT_BYTES });
    } catch (error) {
      post(failure(error, database.Module.HEAPU8.length > SPENT_BYTES));
    }
  });
  post({ kind: 'ready' });
}

async function build(directory: string): Promise<void> {
  const database = await PGlite.create({ dataDir: directory });
  for (const script of preparation()) await database.exec(script);
  await database.close();
}

/** The status by which PGlite's own long jumps are known. */
const LONG_JUMP = 100;

/**
 * PGlite swallows what WebAssembly throws, such as a stack that ran over, and goes on in a state that nobody can
 * vouch for. Here the statement fails and the thread ends.
 */
function stopWhenBroken({ Module: postgres }: PGlite, post: (answer: Answer) => void): void {
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

function failure(error: unknown, spent: boolean): Answer {
  if (error instanceof SqlFailed) {
    const { name, message, sqlState, position } = error;
    return {
      kind: 'failed',
      name,
      message,
      ...(sqlState !== undefined && { sqlState }),
      ...(position !== undefined && { position }),
      spent,
    };
  }
  if (error instanceof SqlRefused) return { kind: 'failed', name: error.name, message: error.message, spent };
  // Not an answer of PostgreSQL: WebAssembly itself gave up, and what is left of it cannot be trusted.
  return { kind: 'failed', name: 'Error', message: String(error), spent: true };
}

if (parentPort !== null) {
  const port = parentPort;
  const task: Task = workerData;
  await serve(task, (answer) => port.postMessage(answer));
}
