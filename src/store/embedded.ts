/**
 * The embedded database: PGlite in a worker thread (embedded-thread.ts), opened at the first statement. One
 * statement runs at a time, and our own go ahead of those that wait. One that runs past its deadline, or whose caller leaves, takes the thread down with it: nothing
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
import { Turns } from './turns.js';
import { toParam } from './values.js';

export type EmbeddedOptions = {
  /** Where the prepared data directory is kept: `XDG_CACHE_HOME`, or `~/.cache` without one. */
  cacheHome?: string;
  /** Milliseconds that one of our own statements may run. */
  runDeadlineMs?: number;
};

type Asked = {
  job: Job;
  deadlineMs: number;
  signal: AbortSignal | undefined;
  onStart?: (() => void) | undefined;
};

export function openEmbedded({ cacheHome, runDeadlineMs = 30_000 }: EmbeddedOptions = {}): Database {
  let task: Promise<Task> | undefined;
  let thread: Promise<Worker> | undefined;
  let live: Worker | undefined;
  const turns = new Turns({ atOnce: 1 });
  let current: Promise<unknown> = Promise.resolve();
  let closed = false;
  let removeAtExit: (() => void) | undefined;

  /** A private directory, and what the first thread is to fill it with. */
  async function place(): Promise<Task> {
    const path = await mkdtemp(join(tmpdir(), 'barewire-postgres-'));
    removeAtExit = () => {
      // A thread that is at work goes on writing until it has stopped.
      live?.terminate();
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    };
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

  function inTurn(asked: Asked): Promise<ResultSet> {
    const work = () => {
      if (closed) throw new DatabaseUnreachable('the embedded database is closed');
      const performed = perform(asked);
      current = performed.catch(() => undefined);
      return performed;
    };
    return turns.run(work, { signal: asked.signal, own: asked.job.kind === 'run' });
  }

  async function perform({ job, deadlineMs, signal, onStart }: Asked): Promise<ResultSet> {
    const worker = await opened();
    signal?.throwIfAborted();
    onStart?.();
    const reply = await askThread(worker, job, { deadlineMs, signal });
    if (reply.kind === 'ended' || reply.spent) await end();
    if (reply.kind === 'ended') throw reply.reason;
    if (reply.kind === 'failed') throw toError(reply);
    return reply.result;
  }

  return {
    async read(sql, params, { deadlineMs, maxRows, signal, onStart }) {
      refuseUnlessReading(sql);
      return inTurn({
        job: { kind: 'read', sql, params: params.map(toParam), maxRows },
        deadlineMs,
        signal,
        onStart,
      });
    },
    async run(sql, params, { signal } = {}) {
      return inTurn({
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
      await current;
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

function toError({ name, message, sqlState, position }: Extract<Reply, { kind: 'failed' }>): Error {
  if (name === 'SqlFailed') return new SqlFailed(message, sqlState, position);
  if (name === 'SqlRefused') return new SqlRefused(message);
  return new DatabaseUnreachable('the embedded database broke down', { cause: new Error(message) });
}
