/**
 * Something that was asked for and is believed for a while: metadata, or a set of keys. Whoever needs it at the same
 * time shares one question, and after a failure nobody asks for a moment, so that an outage brings no storm upon a
 * server that is coming back. What is too old is never used: when it cannot be had anew, the failure is the answer.
 */
import { KeysUnreachable } from './token-refused.js';

const BACK_OFF_MS = 1_000;

export type CacheOptions = { maxAgeMs: number; cooldownMs: number; clock: () => Date };

export type Cached<T> = {
  get(): Promise<T>;
  /** For whoever misses something in it: asked for anew, unless that was done within the cooldown. */
  renew(): Promise<T>;
  /** Nothing is believed any more. */
  forget(): void;
};

export function cachedAsync<T>(
  load: () => Promise<T>,
  { maxAgeMs, cooldownMs, clock }: CacheOptions,
): Cached<T> {
  const attempt = backingOff(load, clock);
  let known: { value: T; at: number } | undefined;
  let renewedAt: number | undefined;
  let pending: Promise<T> | undefined;

  async function ask(): Promise<T> {
    try {
      const value = await attempt();
      known = { value, at: clock().getTime() };
      return value;
    } catch (error) {
      renewedAt = undefined; // from here on the back-off counts, which is shorter
      throw error;
    } finally {
      pending = undefined;
    }
  }
  function shared(): Promise<T> {
    pending ??= ask();
    return pending;
  }
  async function get(): Promise<T> {
    return known !== undefined && within(maxAgeMs, known.at, clock) ? known.value : shared();
  }
  return {
    get,
    async renew() {
      if (pending !== undefined) return pending;
      if (renewedAt !== undefined && within(cooldownMs, renewedAt, clock)) return get();
      renewedAt = clock().getTime();
      return shared();
    },
    forget() {
      known = undefined;
    },
  };
}

/** The same question, which for a moment after nobody could be asked fails at once. */
export function backingOff<Asked extends readonly unknown[], Answer>(
  ask: (...asked: Asked) => Promise<Answer>,
  clock: () => Date,
): (...asked: Asked) => Promise<Answer> {
  let failed: { error: KeysUnreachable; at: number } | undefined;
  return async (...asked) => {
    if (failed !== undefined && within(BACK_OFF_MS, failed.at, clock)) throw failed.error;
    try {
      const answer = await ask(...asked);
      failed = undefined;
      return answer;
    } catch (error) {
      if (error instanceof KeysUnreachable) failed = { error, at: clock().getTime() };
      throw error;
    }
  };
}

/** A clock that was set back makes everything old, never young for longer. */
function within(ms: number, since: number, clock: () => Date): boolean {
  const age = clock().getTime() - since;
  return age >= 0 && age < ms;
}
