/** The thread that runs checks, with its own clock, tokens and connections. See thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { createLocalCheck, type Done, type FromThread, type Job } from './thread.js';

// Only thread.ts writes the worker's data: ThreadOptions.
const check = createLocalCheck(workerData);

parentPort?.on('message', ({ id, target }: Job) => {
  check(target)
    .then(
      (result): Done => ({ id, result }),
      (error: unknown): Done => ({ id, problem: error instanceof Error ? error.message : String(error) }),
    )
    .then((outcome) => parentPort?.postMessage(outcome));
});

const startMessage: FromThread = { started: true };
parentPort?.postMessage(startMessage);
