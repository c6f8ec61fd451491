/**
 * The embedded database: PGlite in a worker thread (embedded-thread.ts), opened at the first statement. Statements
 * wait in one queue. One that runs past its deadline, or whose caller leaves, takes the thread down with it: nothing
 * else stops WebAssembly. The next thread opens the same directory, where PostgreSQL's crash recovery finds all that
 * was committed.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type Database, DatabaseUnreachable, type ResultSet, SqlFailed, SqlRefused } from './database.js';
import { askThread, type Reply, startThread } from './embedded-thread.js';
import type { Job, Task } from './embedded-worker.js';
import { prepare } from './prepared.js';
import { refuseUnlessReading } from './sql-text.js';
import { toParam } from './values.js';

export type EmbeddedOptions = {
  /** Where the prepared data directory is kept: `XDG_CACHE_HOME`, or `~/.cache` without one. */
  cacheHome?: string;
  /** Milliseconds that one of our own statements may run. */
  runDeadlineMs?: number;
};

type Waiting = { job: Job; deadlineMs: number; signal: AbortSignal | undefined };

export function openEmbedded({ cacheHome, runDeadlineMs = 30_000 }: EmbeddedOptions = {}): Database {
  let task: Promise<Task> | undefined;
  let thread: Promise<Worker> | undefined;
  let live: Worker | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let closed = false;
  let removeAtExit: (() => void) | undefined;

  /** A private directory, and what the first thread is to fill it with. */
  async function place(): Promise<Task> {
    const path = await mkdtemp(join(tmpdir(), 'barewire-postgres-'));
    removeAtExit = () => rmSync(path, { recursive: true, force: true });
    process.once('exit', removeAtExit);
    try {
      return { directory: path, fill: { from: await prepare(cacheHome, build) } };
    } catch {
      // No home to write to, as in many containers: do without a cache.
      await build(path);
      return { directory: path };
    }
  }

  async function open(): Promise<Worker> {
    task ??= place().catch((cause) => {
      task = undefined;
      throw cause;
    });
    const { directory, ...rest } = await task;
    const worker = await startThread({ directory, ...rest });
    task = Promise.resolve({ directory });
    // A thread that went by itself, while nobody asked it anything.
    worker.once('exit', () => {
      if (live === worker) thread = live = undefined;
    });
    live = worker;
    return worker;
  }

  function opened(): Promise<Worker> {
    thread ??= open();
    const opening = thread;
    return opening.catch((cause) => {
      // The next statement tries again.
      if (thread === opening) thread = undefined;
      throw new DatabaseUnreachable('the embedded database does not open', { cause });
    });
  }

  async function end(): Promise<void> {
    const ending = thread;
    thread = live = undefined;
    await ending?.then((worker) => worker.terminate()).catch(() => undefined);
  }

  /** Runs `job` after all that came before it. */
  function enqueue(waiting: Waiting): Promise<ResultSet> {
    const before = tail;
    const { signal } = waiting;
    const turn = (async () => {
      await before;
      signal?.throwIfAborted();
      if (closed) throw new DatabaseUnreachable('the embedded database is closed');
      return perform(waiting);
    })();
    tail = turn.catch(() => undefined);
    // A caller who leaves while waiting is told at once; the turn finds out when it comes.
    return signal === undefined ? turn : Promise.race([turn, aborted(signal, turn)]);
  }

  async function perform({ job, deadlineMs, signal }: Waiting): Promise<ResultSet> {
    const worker = await opened();
    signal?.throwIfAborted();
    const reply = await askThread(worker, job, { deadlineMs, signal });
    if (reply.kind === 'ended' || reply.spent) await end();
    if (reply.kind === 'ended') throw reply.reason;
    if (reply.kind === 'failed') throw toError(reply);
    return reply.result;
  }

  return {
    async read(sql, params, { deadlineMs, maxRows, signal }) {
      refuseUnlessReading(sql);
      return enqueue({
        job: { kind: 'read', sql, params: params.map(toParam), maxRows },
        deadlineMs,
        signal,
      });
    },
    async run(sql, params, { signal } = {}) {
      return enqueue({
        job: { kind: 'run', sql, params: params.map(toParam) },
        deadlineMs: runDeadlineMs,
        signal,
      });
    },
    async ready() {
      if (closed) throw new DatabaseUnreachable('the embedded database is closed');
      await opened();
    },
    async close() {
      closed = true;
      await end();
      await tail;
      const made = await task?.catch(() => undefined);
      if (made !== undefined) await rm(made.directory, { recursive: true, force: true });
      if (removeAtExit !== undefined) process.off('exit', removeAtExit);
    },
  };
}

/** Builds the prepared directory when it is not there, for a build step or an image, and says where it is. */
export function prepareEmbedded({ cacheHome }: EmbeddedOptions = {}): Promise<string> {
  return prepare(cacheHome, build);
}

async function build(directory: string): Promise<void> {
  const worker = await startThread({ directory, fill: 'build' });
  await worker.terminate();
}

function aborted(signal: AbortSignal, settled: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    settled.finally(() => signal.removeEventListener('abort', onAbort)).catch(() => undefined);
  });
}

function toError({ name, message, sqlState, position }: Extract<Reply, { kind: 'failed' }>): Error {
  if (name === 'SqlFailed') return new SqlFailed(message, sqlState, position);
  if (name === 'SqlRefused') return new SqlRefused(message);
  return new DatabaseUnreachable('the embedded database broke down', { cause: new Error(message) });
}
