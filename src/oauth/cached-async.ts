/**
 * A value that is fetched and then reused for a while: metadata, or a set of keys. Concurrent callers share one fetch.
 * After a failure nothing is fetched for a moment, so that an outage brings no storm of requests. A value that is too old
 * is never used: when it cannot be fetched again, the failure is the answer.
 */
import { IssuerUnreachable } from './token-errors.js';

const BACK_OFF_MS = 1_000;

export type CacheOptions = { maxAgeMs: number; cooldownMs: number; clock: () => Date };

export type CachedValue<T> = {
  get(): Promise<T>;
  /** Fetches again, for a caller that misses something in the value; at most once per cooldown. */
  renew(): Promise<T>;
  forget(): void;
};

export function cachedAsync<T>(
  load: () => Promise<T>,
  { maxAgeMs, cooldownMs, clock }: CacheOptions,
): CachedValue<T> {
  let lastValue: { value: T; at: number } | undefined;
  let lastFailure: { error: IssuerUnreachable; at: number } | undefined;
  let renewedAt: number | undefined;
  let pending: Promise<T> | undefined;

  /** A clock that was set back makes everything old, and never extends a lifetime. */
  function isWithin(ms: number, since: number): boolean {
    const age = clock().getTime() - since;
    return age >= 0 && age < ms;
  }
  async function fetchOnce(): Promise<T> {
    try {
      if (lastFailure !== undefined && isWithin(BACK_OFF_MS, lastFailure.at)) throw lastFailure.error;
      const value = await load();
      lastFailure = undefined;
      lastValue = { value, at: clock().getTime() };
      return value;
    } catch (error) {
      if (error instanceof IssuerUnreachable && error !== lastFailure?.error)
        lastFailure = { error, at: clock().getTime() };
      renewedAt = undefined; // now the back-off counts, which is shorter
      throw error;
    }
  }
  function fetchShared(): Promise<T> {
    // Not a `finally` in fetchOnce: it may fail before its promise is kept here.
    pending ??= fetchOnce().finally(() => {
      pending = undefined;
    });
    return pending;
  }
  async function get(): Promise<T> {
    return lastValue !== undefined && isWithin(maxAgeMs, lastValue.at) ? lastValue.value : fetchShared();
  }
  return {
    get,
    async renew() {
      if (pending !== undefined) return pending;
      if (renewedAt !== undefined && isWithin(cooldownMs, renewedAt)) return get();
      renewedAt = clock().getTime();
      return fetchShared();
    },
    forget() {
      lastValue = undefined;
    },
  };
}
