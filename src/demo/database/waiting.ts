/** Waits for a promise no longer than a signal or a number of milliseconds allows. */

/** Settles like `promise`, or rejects with the signal's reason when that aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Settles like `promise`, or rejects with the reason after that many milliseconds. */
export async function within<T>(ms: number, reason: Error, promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(reason), ms);
  return unlessAborted(promise, late.signal).finally(() => clearTimeout(timer));
}
