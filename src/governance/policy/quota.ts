/**
 * A token bucket as one pure step: so many calls at once, so many a second in the long run. Where the state of a bucket
 * lives, and which bucket a call takes from, is for the store to say.
 */
import type { QuotaOutcome } from './question.js';

/** `perSecond` above 0; `burst` of at least 1, the most calls that can come at one moment. */
export type Quota = { perSecond: number; burst: number };

/** How many calls were left at a moment, in seconds since 1970. */
export type Bucket = { tokens: number; at: number };

export type QuotaStep = QuotaOutcome & { bucket: Bucket };

/** The rounding of doubles must not turn a caller away who waited exactly as long as it was told. */
const SLACK = 1e-6;

export function perMinute(calls: number, burst = calls): Quota {
  return { perSecond: calls / 60, burst };
}

/** One call: the first finds a full bucket. `retryAfterS` is in whole seconds, as the header `Retry-After` wants it. */
export function takeFrom(bucket: Bucket | undefined, now: number, { perSecond, burst }: Quota): QuotaStep {
  const { tokens, at } = bucket ?? { tokens: burst, at: now };
  // Replicas' clocks differ: one that is behind neither refills a bucket nor turns its time back.
  const moment = Math.max(at, now);
  const filled = Math.min(burst, tokens + (moment - at) * perSecond);
  if (filled + SLACK >= 1) {
    return { allow: true, retryAfterS: 0, bucket: { tokens: Math.max(0, filled - 1), at: moment } };
  }
  const retryAfterS = Math.max(1, Math.ceil((1 - filled) / perSecond - SLACK + (moment - now)));
  return { allow: false, retryAfterS, bucket: { tokens: filled, at: moment } };
}
