/**
 * Waits for what any replica may do to the row of an approval, above all for a person's decision. However many calls wait for one
 * decision, a process reads the row once for all of them.
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

/** How often a row is read without a message of a change, milliseconds: a message may be lost. */
const POLL_MS = 5_000;

type Wait = { result: Promise<Approval | undefined>; stop: AbortController; calls: number };

/** The returned function resolves when the approval is decided or has expired. It rejects with the signal's reason. */
export function createWaiters(parts: Parts) {
  const waits = new Map<string, Wait>();

  function begin(id: string): Wait {
    const stop = new AbortController();
    const wait: Wait = { result: untilDecided(id, stop.signal, parts), stop, calls: 0 };
    waits.set(id, wait);
    // By then all callers may be gone, and a rejection without a handler would end the process.
    wait.result.catch(() => {});
    return wait;
  }

  return async (id: string, signal: AbortSignal): Promise<Approval | undefined> => {
    signal.throwIfAborted();
    const wait = waits.get(id) ?? begin(id);
    wait.calls += 1;
    try {
      return await unlessAborted(wait.result, signal);
    } finally {
      wait.calls -= 1;
      if (wait.calls === 0) {
        wait.stop.abort();
        waits.delete(id);
      }
    }
  };
}

async function untilDecided(id: string, signal: AbortSignal, parts: Parts): Promise<Approval | undefined> {
  const { rows, now, onExpired, onForged } = parts;
  const first = await rows.find(id);
  if (first === undefined) return undefined;
  const key = keyOf(first);
  const look = async (): Promise<{ approval?: Approval } | undefined> => {
    const { approval, isForged } = await rows.read(key);
    if (isForged) await onForged(first);
    // The row may hold a later approval of the same call.
    if (approval?.id !== id) return {};
    if (approval.state !== 'pending') return { approval };
    if (!isExpired(approval, now())) return undefined;
    await onExpired(approval);
    return { approval };
  };
  const pollMs = (): number => Math.max(0, Math.min(POLL_MS, first.expiresAt - now()));
  return (await watchRow(key, look, signal, parts, pollMs))?.approval;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Looks at once, at each change of the row and at intervals, until a look has a result. Undefined when the signal aborts. */
export async function watchRow<Result>(
  key: string,
  look: () => Promise<Result | undefined>,
  signal: AbortSignal,
  { rows, after }: { rows: Pick<Rows, 'watch'>; after: After },
  pollMs = (): number => POLL_MS,
): Promise<Result | undefined> {
  while (!signal.aborted) {
    let resolve = (): void => {};
    const change = new Promise<void>((settle) => {
      resolve = settle;
    });
    // Subscribed before the look, so that no change falls in between.
    const unwatch = rows.watch(resolve, key);
    const cancel = after(pollMs(), resolve);
    signal.addEventListener('abort', resolve);
    try {
      const result = await look();
      if (result !== undefined) return result;
      await change;
    } finally {
      unwatch();
      cancel();
      signal.removeEventListener('abort', resolve);
    }
  }
  return undefined;
}
