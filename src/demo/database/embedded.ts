/**
 * The embedded database: PGlite in a worker thread (embedded-thread.ts), opened at the first statement. One statement
 * runs at a time, in the order of turns.ts. A statement that exceeds its deadline, or whose caller leaves, is cancelled;
 * if that fails, or its transaction does not end, the thread is ended. The next thread opens the same directory, where
 * PostgreSQL's crash recovery finds everything that was committed.
 */

import type { OnError } from '../../wire/log.js';
import { type Database, DatabaseUnprepared, DatabaseUnreachable, type ResultSet } from './database.js';
import { build, runInThread, startThread, type Thread, toError } from './embedded-thread.js';
import type { Job } from './embedded-worker.js';
import { cacheFolder, makePlace, type Place, prepare } from './prepared.js';
import { refuseUnlessReading } from './sql-text.js';
import { Turns } from './turns.js';
import { within } from './waiting.js';

export type EmbeddedOptions = {
  /** Folder for the prepared data directory: `XDG_CACHE_HOME`, or `~/.cache` by default. */
  cacheHome?: string;
  /** Milliseconds that one of our own statements may run. */
  runDeadlineMs?: number;
  /** How long a cancelled statement may take to stop before its thread is ended, milliseconds; one second by default. */
  graceMs?: number;
  /** Receives a line when preparing the data takes long or its result cannot be kept. */
  onError?: OnError;
};

/** Readiness runs this the same way as a caller's statement. */
const PROBE: Job = {
  kind: 'read',
  sql: 'SELECT FROM demo.incident_events LIMIT 0',
  params: [],
  maxRows: 0,
};
const PROBE_MS = 5000;
/** How long readiness waits for the first start on a machine. */
const PREPARE_MS = 30_000;
/** How long the probe waits for the statement that runs before it. */
const PROBE_TURN_MS = 1000;

type QueuedStatement = {
  job: Job;
  deadlineMs: number;
  signal?: AbortSignal | undefined;
  tenantKey?: string | undefined;
  onStart?: (() => void) | undefined;
};

export function openEmbedded({
  cacheHome,
  runDeadlineMs = 30_000,
  graceMs = 1000,
  onError = () => {},
}: EmbeddedOptions = {}): Database {
  let place: Promise<Place> | undefined;
  let isPrepared = false;
  let thread: Promise<Thread> | undefined;
  let live: Thread | undefined;
  const turns = new Turns({ atOnce: 1 });
  let current: Promise<ResultSet> | undefined;
  const closing = new AbortController();
  const { signal: closed } = closing;
  /** Why the last statement found no working database; undefined when it found one. */
  let lastFailure: Error | undefined;
  let probing: Promise<void> | undefined;

  function getPlace(): Promise<Place> {
    const options = { cacheHome, onError, signal: closed };
    // A working thread goes on writing until it has stopped.
    const beforeRemoval = () => void live?.worker.terminate();
    place ??= makePlace({ ...options, build: (directory) => build(directory, closed), beforeRemoval }).then(
      (newPlace) => {
        isPrepared = true;
        return newPlace;
      },
      (cause) => {
        place = undefined;
        throw new DatabaseUnprepared('the embedded database cannot be prepared', { cause });
      },
    );
    return place;
  }

  async function open(): Promise<Thread> {
    const { task, ...rest } = await getPlace();
    const opening = await startThread(task);
    place = Promise.resolve({ ...rest, task: { directory: task.directory } });
    // An idle thread may end too.
    opening.worker.once('exit', () => {
      if (live === opening) thread = live = undefined;
    });
    live = opening;
    return opening;
  }

  function getThread(): Promise<Thread> {
    thread ??= open();
    const opening = thread;
    return opening.catch((cause) => {
      if (thread === opening) thread = undefined;
      const unprepared = cause instanceof DatabaseUnprepared;
      lastFailure = unprepared
        ? cause
        : new DatabaseUnreachable('the embedded database does not open', { cause });
      throw lastFailure;
    });
  }

  async function endThread(): Promise<void> {
    const ending = thread;
    thread = live = undefined;
    await ending?.then(({ worker }) => worker.terminate()).catch(() => undefined);
  }

  function queue(statement: QueuedStatement): Promise<ResultSet> {
    const work = () => {
      current = perform(statement);
      return current;
    };
    const { job, signal, tenantKey: tenant } = statement;
    return turns.run(work, { signal, tenant, rank: job.kind === 'run' ? 'own' : 'caller' });
  }

  async function perform({ job, deadlineMs, signal, onStart }: QueuedStatement): Promise<ResultSet> {
    if (closed.aborted) throw new DatabaseUnreachable('the embedded database is closed');
    const ready = live ?? (await getThread());
    signal?.throwIfAborted();
    onStart?.();
    const reply = await runInThread(ready, job, { deadlineMs, graceMs, signal });
    if (reply.kind === 'ended' || reply.isSpent) await endThread();
    if (reply.kind === 'ended') {
      if (reply.reason instanceof DatabaseUnreachable) lastFailure = reply.reason;
      throw reply.reason;
    }
    if (reply.kind === 'cancelled') throw reply.reason;
    const error = reply.kind === 'failed' ? toError(reply) : undefined;
    lastFailure = error instanceof DatabaseUnreachable ? error : undefined;
    if (reply.kind === 'failed') throw error;
    return reply.result;
  }

  /** Runs a statement as the reader, before all that wait. */
  async function probe(): Promise<void> {
    const noTurn = new AbortController();
    const timer = setTimeout(() => noTurn.abort(), PROBE_TURN_MS);
    const work = () => {
      clearTimeout(timer);
      return perform({ job: PROBE, deadlineMs: PROBE_MS });
    };
    try {
      await turns.run(work, { signal: noTurn.signal, rank: 'urgent' });
    } catch (error) {
      // A statement that is running within its deadline shows that the database works, unless the last one failed.
      if (!noTurn.signal.aborted || lastFailure !== undefined) throw lastFailure ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async read(sql, params, { maxRows, ...options }) {
      refuseUnlessReading(sql);
      return queue({ job: { kind: 'read', sql, params, maxRows }, ...options });
    },
    async run(sql, params, { signal, tenantKey } = {}) {
      const job: Job = { kind: 'run', sql, params };
      return queue({ job, deadlineMs: runDeadlineMs, signal, tenantKey });
    },
    preparing() {
      if (isPrepared || closed.aborted) return undefined;
      return getPlace().then(
        () => undefined,
        (error) => {
          if (!closed.aborted) throw error;
        },
      );
    },
    async ready() {
      if (closed.aborted) throw new DatabaseUnreachable('the embedded database is closed');
      await within(PREPARE_MS, new DatabaseUnreachable('the demo data is still being prepared'), getThread());
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      await probing;
    },
    async close() {
      closing.abort();
      await endThread();
      await current?.catch(() => undefined);
      const currentPlace = await place?.catch(() => undefined);
      await currentPlace?.remove();
    },
  };
}

/** Builds the prepared directory if necessary, for a build step or a container image, and returns its path. */
export function prepareEmbedded({ cacheHome }: EmbeddedOptions = {}): Promise<string> {
  return prepare(cacheFolder(cacheHome), build);
}
