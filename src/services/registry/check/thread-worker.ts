/** The thread that runs checks, with its own clock, tokens and connections. See thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { now } from '../../../wire/clock.js';
import { createGuardedFetch } from '../../outbound/guarded-fetch.js';
import { createCheck } from './check.js';
import type { Done, FromThread, Job, ThreadOptions } from './thread.js';
import { createTokens } from './token.js';

// Only thread.ts writes these.
const { reach, tokens, version, deadlineMs }: ThreadOptions = workerData;
const check = createCheck({
  ask: createGuardedFetch(reach),
  tokens: tokens && createTokens({ ...tokens, clock: now }),
  version,
  deadlineMs,
});

parentPort?.on('message', ({ id, target }: Job) => {
  check(target)
    .then(
      (result): Done => ({ id, result }),
      (error: unknown): Done => ({ id, problem: error instanceof Error ? error.message : String(error) }),
    )
    .then((done) => parentPort?.postMessage(done));
});

const started: FromThread = { started: true };
parentPort?.postMessage(started);
