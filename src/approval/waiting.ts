/** Waiting for a person, on whichever replica the decision is taken. */
import { type Approval, isExpired } from './approval.js';

export type Waiting = {
  find: (id: string) => Promise<Approval | undefined>;
  watch: (listener: () => void) => () => void;
  now: () => number;
  after: (ms: number, run: () => void) => () => void;
  onExpired: (approval: Approval) => Promise<void>;
};

/** Looked at this often even when nobody tells of a change, milliseconds: a message may be lost, and time passes silently. */
const POLL_MS = 2_000;

export async function untilDecided(
  id: string,
  signal: AbortSignal,
  { find, watch, now, after, onExpired }: Waiting,
): Promise<Approval | undefined> {
  for (;;) {
    signal.throwIfAborted();
    // Listening begins before the look, lest a decision fall in between.
    const changed = untilChanged(signal, watch, after);
    try {
      const approval = await find(id);
      if (approval?.state !== 'pending') return approval;
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

/** Resolves when something may have changed: it is told, or after a while anyway, or the signal aborts. */
export function untilChanged(
  signal: AbortSignal,
  watch: Waiting['watch'],
  after: Waiting['after'],
): { promise: Promise<void>; forget: () => void } {
  let done = (): void => {};
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  const unwatch = watch(done);
  const cancel = after(POLL_MS, done);
  signal.addEventListener('abort', done);
  const forget = (): void => {
    unwatch();
    cancel();
    signal.removeEventListener('abort', done);
  };
  return { promise, forget };
}
