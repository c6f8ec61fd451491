import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bucket, type Quota, takeFrom } from '../../src/governance/policy/quota.js';

const test = suite('policy/quota');
const NOW = 1_700_000_000;
const perMinute = (calls: number, burst = calls): Quota => ({ perSecond: calls / 60, burst });

/** The moments at which calls were let through. */
function allowedAt(moments: readonly number[], quota: Quota): number[] {
  let bucket: Bucket | undefined;
  return moments.filter((moment) => {
    const step = takeFrom(bucket, moment, quota);
    bucket = step.bucket;
    return step.granted === 1;
  });
}

test('a burst is let through, the next call is told when to come back, and then it passes', () => {
  const quota = perMinute(3);
  assert.equal(allowedAt([NOW, NOW, NOW, NOW, NOW + 19, NOW + 20], quota), [NOW, NOW, NOW, NOW + 20]);
  const empty = { tokens: 0, at: NOW };
  assert.equal(takeFrom(empty, NOW, quota), { granted: 0, retryAfterS: 20, bucket: empty });
});
test('a bucket fills up to its burst and no further', () => {
  const full = takeFrom({ tokens: 0, at: NOW }, NOW + 3_600, perMinute(60, 5));
  assert.equal(full, { granted: 1, retryAfterS: 0, bucket: { tokens: 4, at: NOW + 3_600 } });
});
test('a clock that is behind refills nothing and turns no time back', () => {
  const bucket = { tokens: 0, at: NOW };
  const behind = takeFrom(bucket, NOW - 30, perMinute(60));
  assert.equal(behind, { granted: 0, retryAfterS: 31, bucket });
  assert.is(takeFrom(behind.bucket, NOW, perMinute(60)).granted, 0);
});
test('a caller who is a rounding error short of a whole call gets it', () => {
  const bucket = { tokens: 1 - 1e-9, at: NOW };
  assert.is(takeFrom(bucket, NOW, perMinute(60)).granted, 1);
});
test('a step changes nothing but what it returns', () => {
  const bucket = Object.freeze({ tokens: 2, at: NOW });
  assert.is(takeFrom(bucket, NOW + 1, perMinute(6)).bucket.tokens < 2, true);
  assert.equal(bucket, { tokens: 2, at: NOW });
});

const quotas = fc.record({
  perSecond: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 100 }),
});
const gaps = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
  size: 'max',
});
const momentsOf = (steps: readonly number[]): number[] => {
  let moment = NOW;
  return steps.map((step) => {
    moment += step;
    return moment;
  });
};

test('no period lets more through than the burst and its refill', () => {
  fc.assert(
    fc.property(quotas, gaps, (quota, steps) => {
      const allowed = allowedAt(momentsOf(steps), quota);
      return allowed.every((first, from) =>
        allowed.slice(from).every((last, count) => {
          // A bucket is a double, and so is a moment: a thousandth of a call for the rounding of both.
          return count + 1 <= quota.burst + (last - first) * quota.perSecond + 0.001;
        }),
      );
    }),
    { numRuns: 300 },
  );
});
test('a caller who comes back at the announced time is let through, and not a whole second earlier', () => {
  fc.assert(
    fc.property(quotas, gaps, (quota, steps) => {
      let bucket: Bucket | undefined;
      for (const moment of momentsOf(steps)) {
        const step = takeFrom(bucket, moment, quota);
        bucket = step.bucket;
        if (step.granted === 1) continue;
        assert.ok(Number.isInteger(step.retryAfterS) && step.retryAfterS >= 1);
        assert.is(takeFrom(bucket, moment + step.retryAfterS, quota).granted, 1);
        if (step.retryAfterS > 1) {
          const early = moment + step.retryAfterS - 1 - 0.01;
          assert.is(takeFrom(bucket, early, quota).granted, 0);
        }
      }
    }),
    { numRuns: 300 },
  );
});
test('replicas whose clocks differ let no more through than one', () => {
  fc.assert(
    fc.property(quotas, gaps, fc.double({ min: 0, max: 5, noNaN: true }), (quota, steps, skew) => {
      const moments = momentsOf(steps);
      const skewed = moments.map((moment, at) => (at % 2 === 0 ? moment : moment - skew));
      const last = Math.max(...skewed);
      const bound = quota.burst + (last - NOW) * quota.perSecond + 0.001;
      return allowedAt(skewed, quota).length <= bound;
    }),
    { numRuns: 300 },
  );
});

test.run();
