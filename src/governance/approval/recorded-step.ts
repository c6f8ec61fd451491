/**
 * A step of an approval that is recorded before it counts. Its order keeps two promises: a step that is not in the audit log does
 * not count, and a record that fails costs no approval.
 *
 * 1. Reserve: the row says who is about to take the step. Its state stays as it was, and others wait for the outcome.
 * 2. Record: the step is on disk, and for a use the intent of its call too.
 * 3. Commit: one compare-and-set from "reserved by this caller" to the new state. Only a caller that commits may go on.
 *
 * When 2 fails, the reservation is given back. After a crash between 1 and 3 it lapses: nothing ran, since nobody committed. A
 * caller that was so slow that another took its reservation over cannot commit, so two never run. After a crash behind 3
 * the approval is spent. The next caller records `voided` first where an earlier reservation came to nothing.
 */
import { randomUUID } from 'node:crypto';
import { StateUnavailable, type Step } from '../../cluster/shared-state.js';
import type { Approval } from './approval.js';
import type { Rows } from './rows.js';
import { untilChanged, type Waiting } from './waiting.js';

/** A reservation lapses after this long, milliseconds: far longer than a record takes, and short for a person who waits. */
const RESERVED_MS = 30_000;
/** How long a caller waits for the steps of others, milliseconds. */
const MAX_WAIT_MS = 2 * RESERVED_MS;

export type RecordedStep<Refusal> = {
  /** Of the approval's row. */
  key: string;
  /** Why the step may not be taken. Checked when it is reserved, and again when it is committed. */
  check(approval: Approval | undefined): Refusal | undefined;
  /** Resolves when everything that must be on disk before the step counts is there. */
  record(approval: Approval): Promise<void>;
  /** The approval after the step. */
  apply(approval: Approval): Approval;
};

export type StepResult<Refusal> =
  | { kind: 'taken'; approval: Approval }
  | { kind: 'refused'; refusal: Refusal };

type Parts = Pick<Waiting, 'now' | 'after'> & {
  rows: Pick<Rows, 'open' | 'put' | 'update' | 'watch'>;
  /** Records that the step before this one did not count. */
  onVoided(approval: Approval): Promise<void>;
};

type Reserved<Refusal> =
  | { kind: 'reserved'; approval: Approval; voided: boolean }
  | { kind: 'busy' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * `voided`: somebody else took the reservation over, and recorded that this step did not count before they recorded theirs. To record it
 * once more would look as if theirs did not count.
 */
type NotCommitted<Refusal> = { kind: 'not-committed'; refusal?: Refusal; voided: boolean };

/** @throws StateUnavailable, and whatever `record` throws */
export async function takeStep<Refusal>(
  step: RecordedStep<Refusal>,
  parts: Parts,
): Promise<StepResult<Refusal>> {
  const { rows, now, onVoided } = parts;
  const { open, put, update } = rows;
  const { key, check } = step;
  const by = randomUUID();

  const reserve = (): Promise<Reserved<Refusal>> =>
    update(key, (row): Step<Reserved<Refusal>> => {
      const approval = open(row, key);
      const refusal = check(approval);
      if (refusal !== undefined) return { result: { kind: 'refused', refusal } };
      if (approval === undefined) throw new TypeError('a step needs an approval');
      const before = approval.reservation;
      if (before !== undefined && before.until > now()) return { result: { kind: 'busy' } };
      const reserved = put({ ...approval, reservation: { by, until: now() + RESERVED_MS } });
      return { ...reserved, result: { kind: 'reserved', approval, voided: before !== undefined } };
    });

  const giveBack = (): Promise<void> =>
    update(key, (row): Step<void> => {
      const approval = open(row, key);
      if (approval?.reservation?.by !== by) return { result: undefined };
      return { ...put({ ...approval, reservation: { by, until: 0 } }), result: undefined };
    });

  const commit = (reserved: Approval): Promise<StepResult<Refusal> | NotCommitted<Refusal>> =>
    update(key, (row): Step<StepResult<Refusal> | NotCommitted<Refusal>> => {
      const approval = open(row, key);
      if (approval?.committedBy === by) return { result: { kind: 'taken', approval } };
      const voided = approval !== undefined && isTakenOver(approval, reserved, by);
      const refusal = check(approval);
      if (refusal !== undefined) return { result: { kind: 'not-committed', refusal, voided } };
      if (approval?.reservation?.by !== by) return { result: { kind: 'not-committed', voided } };
      const { reservation: _, ...free } = approval;
      const next = put({ ...step.apply(free), committedBy: by });
      return { ...next, result: { kind: 'taken', approval: next.result } };
    });

  for (;;) {
    const reserved = await reserveInTurn(reserve, key, parts);
    if (reserved.kind === 'refused') return reserved;
    const { approval, voided } = reserved;
    try {
      if (voided) await onVoided(approval);
      await step.record(approval);
    } catch (error) {
      // Where that fails as well, it lapses.
      await giveBack().catch(() => {});
      throw error;
    }
    const result = await committed(() => commit(approval));
    if (result.kind !== 'not-committed') return result;
    if (!result.voided) await onVoided(approval);
    if (result.refusal !== undefined) return { kind: 'refused', refusal: result.refusal };
  }
}

/** Whether somebody else has reserved or taken a step since. */
function isTakenOver({ id, reservation, committedBy }: Approval, reserved: Approval, by: string): boolean {
  const isOther = reservation !== undefined && reservation.by !== by;
  return id === reserved.id && (isOther || committedBy !== reserved.committedBy);
}

/** Waits while another caller has it. */
async function reserveInTurn<Refusal>(
  reserve: () => Promise<Reserved<Refusal>>,
  key: string,
  { rows, now, after }: Parts,
): Promise<Exclude<Reserved<Refusal>, { kind: 'busy' }>> {
  const first = await reserve();
  if (first.kind !== 'busy') return first;
  const giveUp = AbortSignal.timeout(MAX_WAIT_MS);
  while (!giveUp.aborted) {
    // Listening begins before the look, so that no change falls in between.
    const changed = untilChanged(giveUp, (listener) => rows.watch(listener, key), after);
    try {
      const next = await reserve();
      if (next.kind !== 'busy') return next;
      await changed.promise;
    } finally {
      changed.forget();
    }
  }
  throw new StateUnavailable(`another use of the approval has not ended by ${new Date(now()).toISOString()}`);
}

/** Once more after a failure: a commit whose answer was lost is recognised by who made it. */
async function committed<T>(commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    return commit();
  }
}

/** Waits for both, and fails with the second when both fail: it says what was not done. */
export async function both(first: Promise<void>, second: Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled([second, first])).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
