/**
 * A step of an approval that is recorded before it counts. Its order keeps two promises: a step that is not in the audit log does
 * not count, and a failed record costs no approval.
 *
 * 1. Reserve: the row says who is about to take the step. Its state stays as it was, and others wait for the outcome.
 * 2. Record: the step is on disk, and for a use the intent of its call too.
 * 3. Commit: one compare-and-set from "reserved by this caller" to the new state. Only a caller that commits may go on.
 *
 * When 2 fails, the reservation is given back. After a crash between 1 and 3 it lapses: nothing ran, because nobody committed. A
 * caller so slow that another took over its reservation cannot commit, so two never run. After a crash behind 3 the approval is
 * spent. When an earlier reservation came to nothing, the next caller records `voided` first.
 */
import { randomUUID } from 'node:crypto';
import { StateUnavailable, type Step } from '../../cluster/shared-state.js';
import type { After } from '../../wire/clock.js';
import type { Approval } from './approval.js';
import type { Rows } from './rows.js';
import { watchRow } from './waiters.js';

/** A reservation lapses after this long, milliseconds: far longer than a record takes, and short for a person who waits. */
const RESERVED_MS = 30_000;
/** How long a caller waits for the steps of others, milliseconds. */
const MAX_WAIT_MS = 2 * RESERVED_MS;

type RecordedStep<Refusal> = {
  /** The key of the approval's row. */
  key: string;
  /** The reason why the step may not be taken. Checked when it is reserved, and again when it is committed. */
  check(approval: Approval | undefined): Refusal | undefined;
  /** Resolves when everything that must be on disk before the step counts is there. */
  record(approval: Approval): Promise<void>;
  /** The approval after the step. */
  apply(approval: Approval): Approval;
};

type StepResult<Refusal> = { kind: 'taken'; approval: Approval } | { kind: 'refused'; refusal: Refusal };

type Parts = {
  now: () => number;
  after: After;
  rows: Pick<Rows, 'open' | 'put' | 'update' | 'watch'>;
  /** Records that the step before this one did not count. */
  onVoided(approval: Approval): Promise<void>;
};

type ReserveResult<Refusal> =
  | { kind: 'reserved'; approval: Approval; mustVoid: boolean }
  | { kind: 'refused'; refusal: Refusal };

/**
 * `isVoided`: somebody else took over the reservation, and recorded that this step did not count before recording theirs. Recording
 * it once more would look as if theirs did not count.
 */
type CommitFailure = { kind: 'not-committed'; isVoided: boolean };

/** @throws StateUnavailable, and whatever `record` throws */
export async function takeStep<Refusal>(
  step: RecordedStep<Refusal>,
  parts: Parts,
): Promise<StepResult<Refusal>> {
  const { rows, now, onVoided } = parts;
  const { open, put, update } = rows;
  const { key, check } = step;
  const by = randomUUID();

  /** Undefined while another caller has the reservation. */
  const reserve = (): Promise<ReserveResult<Refusal> | undefined> =>
    update(key, (row): Step<ReserveResult<Refusal> | undefined> => {
      const approval = open(row, key);
      const refusal = check(approval);
      if (refusal !== undefined) return { result: { kind: 'refused', refusal } };
      if (approval === undefined) throw new TypeError('a step needs an approval');
      const before = approval.reservation;
      if (before !== undefined && before.until > now()) return { result: undefined };
      const next = put({ ...approval, reservation: { by, until: now() + RESERVED_MS } });
      return { ...next, result: { kind: 'reserved', approval, mustVoid: before !== undefined } };
    });

  const giveBack = (): Promise<void> =>
    update(key, (row): Step<void> => {
      const approval = open(row, key);
      if (approval?.reservation?.by !== by) return { result: undefined };
      return { ...put({ ...approval, reservation: { by, until: 0 } }), result: undefined };
    });

  const commit = (reserved: Approval): Promise<StepResult<Refusal> | CommitFailure> =>
    update(key, (row): Step<StepResult<Refusal> | CommitFailure> => {
      const approval = open(row, key);
      if (approval?.committedBy === by) return { result: { kind: 'taken', approval } };
      const isVoided = approval !== undefined && isTakenOver(approval, reserved, by);
      if (check(approval) !== undefined || approval?.reservation?.by !== by)
        return { result: { kind: 'not-committed', isVoided } };
      const { reservation: _, ...free } = approval;
      const next = put({ ...step.apply(free), committedBy: by });
      return { ...next, result: { kind: 'taken', approval: next.result } };
    });

  for (;;) {
    const reservation = await watchRow(key, reserve, AbortSignal.timeout(MAX_WAIT_MS), parts);
    if (reservation === undefined)
      throw new StateUnavailable(
        `another use of the approval has not ended by ${new Date(now()).toISOString()}`,
      );
    if (reservation.kind === 'refused') return reservation;
    const { approval, mustVoid } = reservation;
    try {
      if (mustVoid) await onVoided(approval);
      await step.record(approval);
    } catch (error) {
      // When that fails too, the reservation lapses.
      await giveBack().catch(() => {});
      throw error;
    }
    const result = await onceMore(() => commit(approval));
    if (result.kind !== 'not-committed') return result;
    // The next turn finds out why, or takes the step once the other caller has failed.
    if (!result.isVoided) await onVoided(approval);
  }
}

/** Whether somebody else has reserved or taken a step since. */
function isTakenOver({ id, reservation, committedBy }: Approval, reserved: Approval, by: string): boolean {
  const isOther = reservation !== undefined && reservation.by !== by;
  return id === reserved.id && (isOther || committedBy !== reserved.committedBy);
}

/** Repeats a commit that failed: if only its answer was lost, the row says who made it. */
async function onceMore<T>(commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    return commit();
  }
}
