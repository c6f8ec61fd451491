/**
 * The embedded database: PGlite in a worker thread (embedded-worker.ts), opened at the first statement. Statements
 * wait in one queue. One that runs past its deadline, or whose caller leaves, takes the thread down with it: nothing
 * else stops WebAssembly. The next thread opens the same directory, where PostgreSQL's crash recovery finds all that
 * was committed.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type Database,
  DatabaseUnreachable,
  type ResultSet,
  SqlDeadline,
  SqlFailed,
  SqlRefused,
} from './database.js';
import type { Answer, Job, Task } from './embedded-worker.js';
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
    const worker = await start({ directory, ...rest });
    task = Promise.resolve({ directory });
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
    thread = undefined;
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
    worker.ref();
    try {
      return await new Promise<ResultSet>((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          worker
            .off('message', onAnswer)
            .off('messageerror', onError)
            .off('error', onError)
            .off('exit', onExit);
          settle();
        };
        const stop = (reason: unknown) => finish(() => void end().then(() => reject(reason)));
        const onAbort = () => stop(signal?.reason);
        const onError = (cause: unknown) =>
          stop(new DatabaseUnreachable('the embedded database broke down', { cause }));
        const onExit = () => stop(new DatabaseUnreachable('the embedded database stopped'));
        const onAnswer = (answer: Answer) => {
          if (answer.kind === 'ready') return;
          const settle = () => (answer.kind === 'result' ? resolve(answer.result) : reject(toError(answer)));
          finish(() => (answer.spent ? void end().then(settle) : settle()));
        };
        const timer = setTimeout(() => stop(new SqlDeadline(deadlineMs)), deadlineMs);
        signal?.addEventListener('abort', onAbort);
        worker.on('message', onAnswer).on('messageerror', onError).on('error', onError).on('exit', onExit);
        worker.postMessage(job);
      });
    } finally {
      worker.unref();
    }
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
  const worker = await start({ directory, fill: 'build' });
  await worker.terminate();
}

/** The worker's file; run from source it is TypeScript, and a worker thread does not inherit the loader for that. */
function entry(): { file: URL | string; eval: boolean } {
  if (!import.meta.url.endsWith('.ts'))
    return { file: new URL('./embedded-worker.js', import.meta.url), eval: false };
  const [loader, file] = [
    import.meta.resolve('tsx/esm/api'),
    new URL('./embedded-worker.ts', import.meta.url),
  ];
  return {
    file: `import('${loader}').then(({ register }) => { register(); return import('${file}'); })`,
    eval: true,
  };
}

function start(task: Task): Promise<Worker> {
  // What PostgreSQL prints belongs neither to our output nor to the wire, which may be stdout.
  const { file, eval: source } = entry();
  const worker = new Worker(file, {
    eval: source,
    workerData: task,
    stdout: true,
    stderr: true,
    // With Node's 4 MiB the stack runs over before PostgreSQL's own limit on depth is reached.
    resourceLimits: { stackSizeMb: 32 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the database thread ended with code ${code}`)));
    worker.once('message', () => {
      worker.removeAllListeners('exit').removeAllListeners('error');
      // An idle database holds no process open, and an error without a listener would end it.
      worker.on('error', () => undefined).unref();
      resolve(worker);
    });
  });
}

function aborted(signal: AbortSignal, settled: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    settled.finally(() => signal.removeEventListener('abort', onAbort)).catch(() => undefined);
  });
}

function toError({ name, message, sqlState, position }: Answer & { kind: 'failed' }): Error {
  if (name === 'SqlFailed') return new SqlFailed(message, sqlState, position);
  if (name === 'SqlRefused') return new SqlRefused(message);
  return new DatabaseUnreachable('the embedded database broke down', { cause: new Error(message) });
}
