/**
 * The database's worker thread as seen from outside: starting it, and asking it one statement with a deadline. Who
 * asks when, and what follows when it does not answer, is in embedded.ts.
 */
import { Worker } from 'node:worker_threads';
import { DatabaseUnreachable, SqlDeadline } from './database.js';
import type { Answer, Job, Task } from './embedded-worker.js';

/** `ended`: there was no answer, for this reason, and the thread must go. */
export type Reply = Exclude<Answer, { kind: 'ready' }> | { kind: 'ended'; reason: unknown };

/** Settles when the thread has done its task and, unless that was to build, waits for statements. */
export function startThread(task: Task): Promise<Worker> {
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
    worker.once('message', () => {
      worker.removeAllListeners('exit').removeAllListeners('error');
      // An idle database holds no process open, and an error without a listener would end it.
      worker.on('error', () => undefined).unref();
      resolve(worker);
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
  worker: Worker,
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
    const stop = (reason: unknown) => settle({ kind: 'ended', reason });
    const onAbort = () => stop(signal?.reason);
    const onError = (cause: unknown) =>
      stop(new DatabaseUnreachable('the embedded database broke down', { cause }));
    const onExit = () => stop(new DatabaseUnreachable('the embedded database stopped'));
    const onAnswer = (answer: Answer) => {
      if (answer.kind !== 'ready') settle(answer);
    };
    const timer = setTimeout(() => stop(new SqlDeadline(deadlineMs)), deadlineMs);
    signal?.addEventListener('abort', onAbort);
    worker.on('message', onAnswer).on('messageerror', onError).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(job);
  });
}
