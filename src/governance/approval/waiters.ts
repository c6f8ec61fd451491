/**
 * Waits for a person's decision, which any replica may take. However many calls wait for one approval, a process reads it once
 * for all of them: when its row changes, at intervals in case a message was lost, and when it expires.
 */
import type { After } from '../../wire/clock.js';
import { type Approval, isExpired, keyOf } from './approval.js';
import type { Rows } from './rows.js';

type Parts = {
  rows: Pick<Rows, 'find' | 'read' | 'watch'>;
  now: () => number;
  after: After;
  onExpired: (approval: Approval) => Promise<void>;
  /** The row of this approval does not match its seal. */
  onForged: (approval: Approval) => Promise<void>;
};

/** How often the approval is read without a message of a change, milliseconds: a message may be lost. */
const POLL_MS = 5_000;

type Waiter = { result: Promise<Approval | undefined>; stop: AbortController; calls: number };

/** The returned function resolves when the approval is decided or has expired. It rejects with the signal's reason. */
export function createWaiters(parts: Parts) {
  const waiters = new Map<string, Waiter>();

  function begin(id: string): Waiter {
    const stop = new AbortController();
    const waiter: Waiter = { result: untilDecided(id, stop.signal, parts), stop, calls: 0 };
    waiters.set(id, waiter);
    // By then all callers may be gone, and a rejection without a handler would end the process.
    waiter.result.catch(() => {}).finally(() => forget(id, waiter));
    return waiter;
  }

  function forget(id: string, waiter: Waiter): void {
    if (waiters.get(id) === waiter) waiters.delete(id);
  }

  return async (id: string, signal: AbortSignal): Promise<Approval | undefined> => {
    signal.throwIfAborted();
    const waiter = waiters.get(id) ?? begin(id);
    waiter.calls += 1;
    try {
      return await unlessAborted(waiter.result, signal);
    } finally {
      waiter.calls -= 1;
      if (waiter.calls === 0) {
        waiter.stop.abort();
        forget(id, waiter);
      }
    }
  };
}

async function untilDecided(
  id: string,
  signal: AbortSignal,
  { rows, now, after, onExpired, onForged }: Parts,
): Promise<Approval | undefined> {
  const first = await rows.find(id);
  if (first === undefined) return undefined;
  const key = keyOf(first);
  for (;;) {
    signal.throwIfAborted();
    // Subscribed before reading, so that no decision falls in between.
    const waitMs = Math.max(0, Math.min(POLL_MS, first.expiresAt - now()));
    const change = nextChange(signal, (listener) => rows.watch(listener, key), after, waitMs);
    try {
      const { approval, isForged } = await rows.read(key);
      if (isForged) await onForged(first);
      // The row may hold a later approval of the same call.
      if (approval?.id !== id) return undefined;
      if (approval.state !== 'pending') return approval;
      if (isExpired(approval, now())) {
        await onExpired(approval);
        return approval;
      }
      await change.promise;
    } finally {
      change.forget();
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Resolves when something may have changed: the watch calls back, some time passes, or the signal aborts. */
export function nextChange(
  signal: AbortSignal,
  watch: (listener: () => void) => () => void,
  after: After,
  pollMs = POLL_MS,
): { promise: Promise<void>; forget: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const unwatch = watch(resolve);
  const cancel = after(pollMs, resolve);
  signal.addEventListener('abort', resolve);
  const forget = (): void => {
    unwatch();
    cancel();
    signal.removeEventListener('abort', resolve);
  };
  return { promise, forget };
}
