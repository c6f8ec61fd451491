/** The thread in which servers are checked: its clock, its tokens and its connections are its own. See thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { now } from '../../../wire/clock.js';
import { createGuardedFetch } from '../../outbound/guarded-fetch.js';
import { createCheck } from './check.js';
import type { Done, FromThread, Job, ThreadOptions } from './thread.js';
import { createTokens } from './token.js';

// Written by thread.ts, and by nobody else.
const { reach, tokens, version, deadlineMs }: ThreadOptions = workerData;
const check = createCheck({
  ask: createGuardedFetch(reach),
  tokens: tokens && createTokens({ ...tokens, clock: now }),
  version,
  deadlineMs,
});

parentPort?.on('message', ({ id, known }: Job) => {
  check({ ...known, off: new Set(known.off) })
    .then(
      (checked): Done => ({ id, checked }),
      (error: unknown): Done => ({ id, problem: error instanceof Error ? error.message : String(error) }),
    )
    .then((done) => parentPort?.postMessage(done));
});

const begun: FromThread = { begun: true };
parentPort?.postMessage(begun);
