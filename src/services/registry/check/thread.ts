/**
 * Checks in a thread of their own: what a stranger sends is parsed, hashed, compared and read there, so that however long
 * that takes nobody else waits for it. A thread that does not answer in time is ended, and the next check starts another.
 */
import { Worker } from 'node:worker_threads';
import type { Reach } from '../../outbound/reach.js';
import type { Check, CheckResult, CheckTarget } from './check.js';
import type { TokensOptions } from './token.js';

/** All of it can be sent to a thread. */
export type ThreadOptions = {
  reach: Reach;
  tokens?: Pick<TokensOptions, 'issuer' | 'client'> | undefined;
  version: string;
  deadlineMs: number;
};

export type Job = { id: number; known: Omit<CheckTarget, 'off'> & { off: readonly string[] } };
export type Done = { id: number; checked: CheckResult } | { id: number; problem: string };
/** What comes from the thread: that it has begun, and then the checks. */
export type FromThread = { begun: true } | Done;

/** The checks of a thread keep their deadline themselves; one that is busy for so much longer hangs. */
const GRACE_MS = 10_000;

type Waiting = {
  resolve: (checked: CheckResult) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
};

export type ThreadedCheck = {
  check: Check;
  /** Resolves when the thread has begun, so that no first check waits for that. */
  open(): Promise<void>;
  close(): Promise<void>;
};

export function createThreadedCheck(options: ThreadOptions): ThreadedCheck {
  let thread: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  /** Of `worker`, which is not used any more. */
  function end(worker: Worker, error: Error): void {
    if (thread !== worker) return;
    thread = undefined;
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
    void worker.terminate();
  }

  function started(): Worker {
    if (thread !== undefined) return thread;
    const { file, eval: source } = entry();
    // Whatever is printed there must not reach our stdout, which may be the wire.
    const worker = new Worker(file, { eval: source, workerData: options, stdout: true, stderr: true });
    // It holds no process open: who waits for a check does.
    worker.unref();
    worker.on('message', (done: FromThread) => {
      if ('begun' in done) return;
      const one = waiting.get(done.id);
      waiting.delete(done.id);
      clearTimeout(one?.timer);
      if ('checked' in done) one?.resolve(done.checked);
      else one?.reject(new Error(done.problem));
    });
    worker.on('error', (cause) => end(worker, new Error('the thread of checks broke down', { cause })));
    worker.on('exit', () => end(worker, new Error('the thread of checks stopped')));
    thread = worker;
    return worker;
  }

  return {
    check: ({ address, manifest, off }) =>
      new Promise((resolve, reject) => {
        const worker = started();
        lastId += 1;
        const late = () => end(worker, new Error(`the check of ${address} did not end and was stopped`));
        waiting.set(lastId, {
          resolve,
          reject,
          timer: setTimeout(late, options.deadlineMs + GRACE_MS),
        });
        const job: Job = { id: lastId, known: { address, manifest, off: [...off] } };
        worker.postMessage(job);
      }),
    open() {
      const worker = started();
      return new Promise((resolve, reject) => {
        worker.once('message', () => resolve());
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the thread of checks stopped')));
      });
    },
    async close() {
      if (thread !== undefined) end(thread, new Error('the registry is closed'));
    },
  };
}

/** The worker's file; run from source it is TypeScript, and a worker thread does not inherit the loader for that. */
function entry(): { file: URL | string; eval: boolean } {
  if (!import.meta.url.endsWith('.ts'))
    return { file: new URL('./thread-worker.js', import.meta.url), eval: false };
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL('./thread-worker.ts', import.meta.url);
  return {
    file: `import('${loader}').then(({ register }) => { register(); return import('${file}'); })`,
    eval: true,
  };
}
