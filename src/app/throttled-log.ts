/** A log that a lasting trouble cannot fill: of each kind it takes one line in ten seconds. */
const PAUSE_MS = 10_000;
/** Kinds that are remembered: some are named by what comes from outside. */
const MAX_KINDS = 1_000;

type OnError = (error: unknown, about: string) => void;

export function throttledLog(onError: OnError, clock: () => Date): OnError {
  const last = new Map<string, number>();
  return (error, about) => {
    const time = clock().getTime();
    const before = last.get(about);
    if (before !== undefined && time - before < PAUSE_MS) return;
    if (last.size >= MAX_KINDS) last.clear();
    last.set(about, time);
    onError(error, about);
  };
}
