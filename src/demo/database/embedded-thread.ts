/**
 * The database's worker thread as seen from outside: starting it, and asking it one statement with a deadline. Who
 * asks when, and what follows when it does not answer, is in embedded.ts.
 */
import { Worker } from 'node:worker_threads';
import { DatabaseFailed, DatabaseUnreachable, SqlDeadline, SqlFailed, SqlRefused } from './database.js';
import type { Job, Task, WorkerReply } from './embedded-worker.js';
import { cancelStatement, type Interrupt } from './pglite-interrupt.js';

/**
 * `cancelled`: stopped for this reason, and the thread goes on unless it is spent. `ended`: there was no answer, for this
 * reason, and the thread must go.
 */
export type Reply =
  | Exclude<WorkerReply, { kind: 'ready' }>
  | { kind: 'cancelled'; reason: unknown; spent: boolean }
  | { kind: 'ended'; reason: unknown };

/** `interrupt` is there unless the thread was to build. */
export type Thread = { worker: Worker; interrupt: Interrupt | undefined };

/** How long a cancelled statement may take to notice before its thread is ended. */
const GRACE_MS = 1000;

/** Settles when the thread has done its task and, unless that was to build, waits for statements. */
export function startThread(task: Task): Promise<Thread> {
  const { file, eval: source } = entry();
  const worker = new Worker(file, {
    eval: source,
    workerData: task,
    // Whatever is printed there must not reach our stdout, which may be the wire. It is little, and nobody reads it:
    // reading would hold the process open.
    stdout: true,
    stderr: true,
    // With Node's 4 MiB the stack runs over before PostgreSQL's own limit on depth is reached.
    resourceLimits: { stackSizeMb: 32 },
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the database thread ended with code ${code}`)));
    worker.once('message', (answer: WorkerReply) => {
      worker.removeAllListeners('exit').removeAllListeners('error');
      // An idle database holds no process open, and an error without a listener would end it.
      worker.on('error', () => undefined).unref();
      resolve({ worker, interrupt: answer.kind === 'ready' ? answer.interrupt : undefined });
    });
  });
}

/** The worker's file; run from source it is TypeScript, and a worker thread does not inherit the loader for that. */
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
export function askThread(
  { worker, interrupt }: Thread,
  job: Job,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
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
      timer = setTimeout(() => end(reason), GRACE_MS);
      cancelStatement(interrupt);
    };
    const onAbort = () => cancel(signal?.reason);
    const onError = (cause: unknown) =>
      end(new DatabaseUnreachable('the embedded database broke down', { cause }));
    const onExit = () => end(new DatabaseUnreachable('the embedded database stopped'));
    const onAnswer = (answer: WorkerReply) => {
      if (answer.kind === 'ready') return;
      // It may have been about to answer, which nobody waits for any more.
      if (cancelled === undefined) settle(answer);
      else settle({ kind: 'cancelled', reason: cancelled.reason, spent: answer.spent });
    };
    let timer = setTimeout(() => cancel(new SqlDeadline(deadlineMs)), deadlineMs);
    signal?.addEventListener('abort', onAbort);
    worker.on('message', onAnswer).on('messageerror', onError).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(job);
  });
}

/** Fills the empty directory in a thread of its own, whose memory goes with it. */
export async function build(directory: string): Promise<void> {
  const { worker } = await startThread({ directory, fill: 'build' });
  await worker.terminate();
}

/** What the other thread threw, which only crosses over in parts. */
export function toError({
  name,
  message,
  sqlState,
  position,
  cause,
}: Extract<Reply, { kind: 'failed' }>): Error {
  if (name === 'SqlFailed') return new SqlFailed(message, sqlState, position);
  if (name === 'SqlRefused') return new SqlRefused(message);
  if (name === 'DatabaseFailed') return new DatabaseFailed(message, { cause: new Error(cause) });
  return new DatabaseUnreachable('the embedded database broke down', { cause: new Error(cause ?? message) });
}
