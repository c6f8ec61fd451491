/** The database's worker thread as seen from the main thread: starts it, and runs one statement in it with a deadline. */
import { Worker } from 'node:worker_threads';
import { DatabaseFailed, DatabaseUnreachable, SqlDeadline, SqlFailed, SqlRefused } from './database.js';
import type { ErrorParts, Job, WorkerReply } from './embedded-worker.js';
import { cancelStatement, type Interrupt } from './pglite-interrupt.js';
import type { Task } from './prepared.js';

/**
 * `cancelled`: the statement was stopped, and the thread can go on unless it is spent. `ended`: there was no answer, and
 * the thread must be ended.
 */
export type Reply =
  | Exclude<WorkerReply, { kind: 'ready' }>
  | { kind: 'cancelled'; reason: unknown; isSpent: boolean }
  | { kind: 'ended'; reason: unknown };

/** `interrupt` is missing in a thread that only builds. */
export type Thread = { worker: Worker; interrupt: Interrupt | undefined };

/** Resolves when the thread has done its task and, unless that was to build, waits for statements. `signal` ends the thread. */
export function startThread(task: Task, signal?: AbortSignal): Promise<Thread> {
  signal?.throwIfAborted();
  const { file, eval: source } = entry();
  const worker = new Worker(file, {
    eval: source,
    workerData: task,
    // Its output must not reach our stdout, which may be the wire. It is not read either, because reading would keep the
    // process alive.
    stdout: true,
    stderr: true,
    // With Node's 4 MiB the stack overflows before PostgreSQL reaches its own limit on depth.
    resourceLimits: { stackSizeMb: 32 },
  });
  signal?.addEventListener('abort', () => void worker.terminate(), { once: true });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the database thread ended with code ${code}`)));
    worker.once('message', (answer: WorkerReply) => {
      worker.removeAllListeners('exit').removeAllListeners('error');
      // An idle database must not keep the process alive, and an error without a listener would end it.
      worker.on('error', () => undefined).unref();
      resolve({ worker, interrupt: answer.kind === 'ready' ? answer.interrupt : undefined });
    });
  });
}

/** Run from source the worker's file is TypeScript, and a worker thread does not inherit the loader for it. */
function entry(): { file: URL | string; eval: boolean } {
  if (!import.meta.url.endsWith('.ts'))
    return { file: new URL('./embedded-worker.js', import.meta.url), eval: false };
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL('./embedded-worker.ts', import.meta.url);
  return {
    file: `import('${loader}').then(({ register }) => { register(); return import('${file}'); })`,
    eval: true,
  };
}

/** The deadline counts from now. Never rejects. */
export function runInThread(
  { worker, interrupt }: Thread,
  job: Job,
  { deadlineMs, graceMs, signal }: { deadlineMs: number; graceMs: number; signal: AbortSignal | undefined },
): Promise<Reply> {
  return new Promise((resolve) => {
    const settle = (reply: Reply) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', onAnswer).off('messageerror', onError).off('error', onError).off('exit', onExit);
      worker.unref();
      resolve(reply);
    };
    let cancelled: { reason: unknown } | undefined;
    const end = (reason: unknown) => settle({ kind: 'ended', reason: cancelled?.reason ?? reason });
    const cancel = (reason: unknown) => {
      if (cancelled !== undefined) return;
      if (interrupt === undefined) return end(reason);
      cancelled = { reason };
      clearTimeout(timer);
      timer = setTimeout(() => end(reason), graceMs);
      cancelStatement(interrupt);
    };
    const onAbort = () => cancel(signal?.reason);
    const onError = (cause: unknown) =>
      end(new DatabaseUnreachable('the embedded database broke down', { cause }));
    const onExit = () => end(new DatabaseUnreachable('the embedded database stopped'));
    const onAnswer = (answer: WorkerReply) => {
      if (answer.kind === 'ready') return;
      if (cancelled === undefined) settle(answer);
      else settle({ kind: 'cancelled', reason: cancelled.reason, isSpent: answer.isSpent });
    };
    let timer = setTimeout(() => cancel(new SqlDeadline(deadlineMs)), deadlineMs);
    signal?.addEventListener('abort', onAbort);
    worker.on('message', onAnswer).on('messageerror', onError).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(job);
  });
}

/** Fills the empty directory in a separate thread, which frees its memory when it ends. */
export async function build(directory: string, signal?: AbortSignal): Promise<void> {
  const { worker } = await startThread({ directory, fill: 'build' }, signal);
  await worker.terminate();
}

export function toError({ name, message, sqlState, position, cause }: ErrorParts): Error {
  if (name === 'SqlFailed') return new SqlFailed(message, sqlState, position);
  if (name === 'SqlRefused') return new SqlRefused(message);
  if (name === 'DatabaseFailed') return new DatabaseFailed(message, { cause: new Error(cause) });
  return new DatabaseUnreachable('the embedded database broke down', { cause: new Error(cause ?? message) });
}
