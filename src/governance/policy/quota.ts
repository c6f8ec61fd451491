/**
 * How often a tenant may call a tool: a token bucket per tenant and tool, which replicas share.
 *
 * A replica leases calls from a bucket in batches, because each change of shared state takes a round trip and waits for the
 * other changes of the same bucket. A batch holds the calls that wait now, and as many as the next tenth of a second needs if
 * calls keep coming as fast; never more than a tenth of what is left. So a small quota is exact, and a large one can be exceeded,
 * in any stretch of time, by at most what the replicas held when it began. What a replica does not use within a second goes
 * back; what it holds when it ends is lost to the tenant until the bucket fills again.
 */
import { type SharedState, StateUnavailable } from '../../cluster/shared-state.js';
import { type After, afterUnlessDone } from '../../wire/clock.js';
import { type Principal, tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { QuotaOutcome } from './question.js';

/** `perSecond` is above 0; `burst`, at least 1, is the most calls that can come at once. */
export type Quota = { perSecond: number; burst: number };

/** How many calls were left at a moment, in seconds since 1970. */
export type Bucket = { tokens: number; at: number };

/** `retryAfterS`, in whole seconds as in `Retry-After`, is above 0 when fewer calls were granted than wait. */
export type Grant = { granted: number; retryAfterS: number; bucket: Bucket };

export type QuotaCall = {
  server: string;
  tool: string;
  caller: Pick<Principal, 'issuer' | 'tenant'>;
  /** How many calls the tenant has in a minute, above 0. */
  perMinute: number;
};

type Caller = { resolve(outcome: QuotaOutcome): void; reject(error: unknown): void };
type Lease = {
  key: string;
  quota: Quota;
  left: number;
  /** Calls for which the bucket is being asked, oldest first. */
  waiting: Caller[];
  isRefilling: boolean;
  /** How many calls came since the last refill, and when that was, milliseconds since 1970. */
  used: number;
  refilledAt: number;
  cancelReturn: () => void;
};

/** After this long without calls a bucket is full again and need not be kept, milliseconds. */
const FULL_AFTER_MS = 60_000;
/** For how long a batch should last, and after how long what is left of it goes back, milliseconds. */
const AHEAD_MS = 100;
const LEASE_MS = 1_000;
const MAX_SHARE_AHEAD = 0.1;
/** The rounding of doubles must not refuse a caller who waited exactly as long as the answer said. */
const SLACK = 1e-6;
const ALLOWED: QuotaOutcome = { allow: true, retryAfterS: 0 };

/** Takes from a bucket for `waiting` calls, and if all of these get one, for up to `ahead` more. Without a bucket it is full. */
export function takeFrom(
  bucket: Bucket | undefined,
  now: number,
  quota: Quota,
  waiting = 1,
  ahead = 0,
): Grant {
  const { tokens, at } = refill(bucket, now, quota);
  const served = Math.min(waiting, Math.floor(tokens + SLACK));
  // Rounding may leave a little less than nothing.
  const rest = Math.max(0, tokens - served);
  const extra = served < waiting ? 0 : Math.min(ahead, Math.floor(rest * MAX_SHARE_AHEAD));
  const granted = served + extra;
  const left = Math.max(0, tokens - granted);
  const untilNext = (1 - left) / quota.perSecond - SLACK + (at - now);
  const retryAfterS = served < waiting ? Math.max(1, Math.ceil(untilNext)) : 0;
  return { granted, retryAfterS, bucket: { tokens: left, at } };
}

/** Replicas' clocks differ: one that is behind neither refills a bucket nor turns its time back. */
function refill(bucket: Bucket | undefined, now: number, { perSecond, burst }: Quota): Bucket {
  const { tokens, at } = bucket ?? { tokens: burst, at: now };
  const moment = Math.max(at, now);
  return { tokens: Math.min(burst, tokens + (moment - at) * perSecond), at: moment };
}

export class QuotaLeases {
  /** Those of buckets that were asked within the last second. */
  readonly #leases = new Map<string, Lease>();

  constructor(
    readonly state: SharedState | undefined,
    readonly clock: () => Date,
    readonly after: After = afterUnlessDone,
  ) {}

  /** Takes one call. @throws StateUnavailable */
  take({ server, tool, caller, perMinute }: QuotaCall): QuotaOutcome | Promise<QuotaOutcome> {
    const key = JSON.stringify([server, tenantKey(caller), tool]);
    const lease = this.#leases.get(key) ?? this.#open(key, perMinute);
    lease.used += 1;
    if (lease.left > 0) {
      lease.left -= 1;
      return ALLOWED;
    }
    return new Promise((resolve, reject) => {
      lease.waiting.push({ resolve, reject });
      if (!lease.isRefilling) void this.#refill(lease);
    });
  }

  #open(key: string, perMinute: number): Lease {
    const lease: Lease = {
      ...{ key, quota: { perSecond: perMinute / 60, burst: perMinute } },
      ...{ left: 0, waiting: [], isRefilling: false, used: 0, refilledAt: 0, cancelReturn: () => {} },
    };
    this.#leases.set(key, lease);
    return lease;
  }

  /** Until nobody waits. Those who come during a round trip wait for the next, together. */
  async #refill(lease: Lease): Promise<void> {
    lease.isRefilling = true;
    lease.cancelReturn();
    while (lease.waiting.length > 0) {
      const asking = lease.waiting.length;
      const ahead = this.#callsAhead(lease);
      try {
        const { granted, retryAfterS } = await this.#change(lease, (bucket, now) =>
          takeFrom(bucket, now, lease.quota, asking, ahead),
        );
        const allowedCalls = lease.waiting.splice(0, granted);
        lease.left = granted - allowedCalls.length;
        for (const { resolve } of allowedCalls) resolve(ALLOWED);
        const deniedCalls = lease.waiting.splice(0, Math.max(0, asking - granted));
        for (const { resolve } of deniedCalls) resolve({ allow: false, retryAfterS });
      } catch (error) {
        for (const { reject } of lease.waiting.splice(0, asking)) reject(error);
      }
    }
    lease.isRefilling = false;
    lease.cancelReturn = this.after(LEASE_MS, () => void this.#giveBack(lease));
  }

  /** At most twice what was used since the last refill, so that batches grow with demand and one fast call takes none. */
  #callsAhead(lease: Lease): number {
    const now = this.clock().getTime();
    const { used, refilledAt } = lease;
    lease.used = 0;
    lease.refilledAt = now;
    return Math.min(2 * used, Math.floor((used * AHEAD_MS) / Math.max(1, now - refilledAt)));
  }

  async #giveBack(lease: Lease): Promise<void> {
    this.#leases.delete(lease.key);
    const { left, quota } = lease;
    if (left === 0) return;
    try {
      await this.#change(lease, (bucket, now) => {
        const { tokens, at } = refill(bucket, now, quota);
        return { bucket: { tokens: Math.min(quota.burst, tokens + left), at } };
      });
    } catch (error) {
      // The calls that need the state report its outage, and the bucket fills again without these.
      if (!(error instanceof StateUnavailable)) throw error;
    }
  }

  async #change<Result extends { bucket: Bucket }>(
    { key }: Lease,
    step: (bucket: Bucket | undefined, now: number) => Result,
  ): Promise<Result> {
    if (this.state === undefined) throw new StateUnavailable('a quota needs a place for its buckets');
    const now = this.clock().getTime();
    return this.state.update('quota', key, (value) => {
      const result = step(bucketIn(value), now / 1_000);
      return { result, put: { value: result.bucket, expiresAt: now + FULL_AFTER_MS } };
    });
  }
}

function bucketIn({ tokens, at }: JsonObject = {}): Bucket | undefined {
  return typeof tokens === 'number' && typeof at === 'number' ? { tokens, at } : undefined;
}
