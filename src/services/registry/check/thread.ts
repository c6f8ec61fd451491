/**
 * Runs checks in a separate thread: a stranger's data is parsed, hashed, compared and scanned there, so requests never wait
 * for it, however long it takes. A thread that does not answer in time is stopped, and the next check starts another.
 */
import { Worker } from 'node:worker_threads';
import { now } from '../../../wire/clock.js';
import { createGuardedFetch, type Lookup } from '../../outbound/guarded-fetch.js';
import type { Reach } from '../../outbound/reach.js';
import { type Check, type CheckResult, type CheckTarget, createCheck } from './check.js';
import { createTokens, type TokensOptions } from './token.js';

/** Every value can be sent to a thread. */
export type ThreadOptions = {
  reach: Reach;
  tokens?: Pick<TokensOptions, 'issuer' | 'client'> | undefined;
  version: string;
  deadlineMs: number;
};

export type Job = { id: number; target: CheckTarget };
export type Done = { id: number; result: CheckResult } | { id: number; problem: string };
export type FromThread = { started: true } | Done;

/** A check keeps its own deadline; a thread that is busy for this much longer hangs. */
const GRACE_MS = 10_000;
const CLOSED = 'the registry is closed';

type PendingCheck = {
  resolve: (result: CheckResult) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
};

export type ThreadedCheck = {
  check: Check;
  /** Resolves once the thread has started, so that the first check need not wait for it. */
  open(): Promise<void>;
  /** Rejects what is pending, and all that comes later. */
  close(): Promise<void>;
};

/** The same check in this thread. `lookup` is a function, so it cannot be sent to another. */
export function createLocalCheck(options: ThreadOptions, lookup?: Lookup): Check {
  const { reach, version, deadlineMs } = options;
  const tokens = options.tokens && createTokens({ ...options.tokens, clock: now });
  return createCheck({ ask: createGuardedFetch(reach, lookup), tokens, version, deadlineMs });
}

export function createThreadedCheck(options: ThreadOptions): ThreadedCheck {
  let thread: Worker | undefined;
  let closed = false;
  let lastId = 0;
  const pending = new Map<number, PendingCheck>();

  function stop(worker: Worker, error: Error): void {
    if (thread !== worker) return;
    thread = undefined;
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    pending.clear();
    void worker.terminate();
    // That holds the process until the thread has ended, which can take long on a busy machine, and nobody waits for it.
    worker.unref();
  }

  function start(): Worker {
    // Nobody would stop a thread that started now.
    if (closed) throw new Error(CLOSED);
    if (thread !== undefined) return thread;
    const { file, eval: source } = workerEntry();
    // The thread's output must not reach our stdout, which may be the wire.
    const worker = new Worker(file, { eval: source, workerData: options, stdout: true, stderr: true });
    worker.on('message', (message: FromThread) => {
      if ('started' in message) return;
      const check = pending.get(message.id);
      pending.delete(message.id);
      clearTimeout(check?.timer);
      if ('result' in message) check?.resolve(message.result);
      else check?.reject(new Error(message.problem));
    });
    worker.on('error', (cause) => stop(worker, new Error('the thread of checks broke down', { cause })));
    worker.on('exit', () => stop(worker, new Error('the thread of checks stopped')));
    // Last, because the listener for messages would hold the process.
    worker.unref();
    thread = worker;
    return worker;
  }

  return {
    check: (target) =>
      new Promise((resolve, reject) => {
        const worker = start();
        lastId += 1;
        const late = () =>
          stop(worker, new Error(`the check of ${target.address} did not end and was stopped`));
        pending.set(lastId, { resolve, reject, timer: setTimeout(late, options.deadlineMs + GRACE_MS) });
        const job: Job = { id: lastId, target };
        worker.postMessage(job);
      }),
    async open() {
      const worker = start();
      worker.ref();
      return new Promise<void>((resolve, reject) => {
        worker.once('message', () => resolve());
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error('the thread of checks stopped')));
      }).finally(() => worker.unref());
    },
    async close() {
      closed = true;
      if (thread !== undefined) stop(thread, new Error(CLOSED));
    },
  };
}

/** From source the worker's file is TypeScript, and a worker thread does not inherit the loader for that. */
function workerEntry(): { file: URL | string; eval: boolean } {
  if (!import.meta.url.endsWith('.ts'))
    return { file: new URL('./thread-worker.js', import.meta.url), eval: false };
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL('./thread-worker.ts', import.meta.url);
  return {
    file: `import('${loader}').then(({ register }) => { register(); return import('${file}'); })`,
    eval: true,
  };
}
