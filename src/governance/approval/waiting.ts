/**
 * Waits for a person's decision, which any replica may take. However many calls wait for one approval, a process reads it once
 * for all of them: when its row changes, at intervals in case a message was lost, and when it expires.
 */
import { type Approval, isExpired } from './approval.js';
import { keyOf } from './binding.js';

export type Waiting = {
  find: (id: string) => Promise<Approval | undefined>;
  read: (key: string) => Promise<{ approval: Approval | undefined; broken: boolean }>;
  /** Calls back when the row with that key changes; without a key, when any row does. */
  watch: (listener: () => void, key?: string) => () => void;
  now: () => number;
  after: (ms: number, run: () => void) => () => void;
  onExpired: (approval: Approval) => Promise<void>;
  /** The row of this approval does not match its seal. */
  onBroken: (approval: Approval) => Promise<void>;
};

/** How often the approval is read without a message of a change, milliseconds: a message may be lost. */
const POLL_MS = 5_000;

/** Resolves with the approval once it is decided or has expired. Rejects with the signal's reason. */
export type Decided = (id: string, signal: AbortSignal) => Promise<Approval | undefined>;

export function createWaiters(waiting: Waiting): Decided {
  type Waiter = { result: Promise<Approval | undefined>; stop: AbortController; calls: number };
  const waiters = new Map<string, Waiter>();

  function begin(id: string): Waiter {
    const stop = new AbortController();
    const result = untilDecided(id, stop.signal, waiting);
    const waiter: Waiter = { result, stop, calls: 0 };
    waiters.set(id, waiter);
    const forget = (): void => {
      if (waiters.get(id) === waiter) waiters.delete(id);
    };
    // By now all callers may be gone, and a rejection without a handler would end the process.
    result.then(forget, forget);
    return waiter;
  }

  return async (id, signal) => {
    signal.throwIfAborted();
    const waiter = waiters.get(id) ?? begin(id);
    waiter.calls += 1;
    try {
      return await unlessAborted(waiter.result, signal);
    } finally {
      waiter.calls -= 1;
      if (waiter.calls === 0) {
        waiter.stop.abort();
        if (waiters.get(id) === waiter) waiters.delete(id);
      }
    }
  };
}

async function untilDecided(
  id: string,
  signal: AbortSignal,
  { find, read, watch, now, after, onExpired, onBroken }: Waiting,
): Promise<Approval | undefined> {
  const first = await find(id);
  if (first === undefined) return undefined;
  const key = keyOf(first);
  for (;;) {
    signal.throwIfAborted();
    // Subscribe before reading, so that no decision falls in between.
    const changed = untilChanged(signal, (listener) => watch(listener, key), after, waitMs(first, now()));
    try {
      const { approval, broken } = await read(key);
      if (broken) await onBroken(first);
      // The row may hold a later approval of the same call.
      if (approval?.id !== id) return undefined;
      if (approval.state !== 'pending') return approval;
      if (isExpired(approval, now())) {
        await onExpired(approval);
        return approval;
      }
      await changed.promise;
    } finally {
      changed.forget();
    }
  }
}

function waitMs({ expiresAt }: Approval, now: number): number {
  return Math.max(0, Math.min(POLL_MS, expiresAt - now));
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Resolves when something may have changed: it is told, or after a while anyway, or the signal aborts. */
export function untilChanged(
  signal: AbortSignal,
  watch: (listener: () => void) => () => void,
  after: Waiting['after'],
  pollMs = POLL_MS,
): { promise: Promise<void>; forget: () => void } {
  let done = (): void => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  const unwatch = watch(done);
  const cancel = after(pollMs, done);
  signal.addEventListener('abort', done);
  const forget = (): void => {
    unwatch();
    cancel();
    signal.removeEventListener('abort', done);
  };
  return { promise, forget };
}
