/**
 * Requests for approval. A call gets the request that already answers it, or a new one. A new request takes a place (places.ts),
 * is sealed when it is first written, and is recorded before anybody sees it.
 */
import type { Step } from '../../cluster/shared-state.js';
import type { OnError } from '../../wire/log.js';
import type { JsonObject } from '../../wire/value.js';
import { type Approval, type Binding, bindingOf, type Call, isExpired, keyOf } from './approval.js';
import type { OnStep } from './approval-steps.js';
import { type ChangedPart, changeOf } from './basis.js';
import type { Places } from './places.js';
import { hideArgs, type RevealOptions } from './reveal.js';
import type { Rows } from './rows.js';

/** `asked`: the request is new. `approved`: it can be used, and was not used yet. */
export type RequestOutcome =
  | {
      kind: 'asked' | 'pending' | 'approved' | 'refused' | 'consumed';
      approval: Approval;
      /** What has changed since an earlier request of this call, if that is why this one was made. */
      changed?: ChangedPart | undefined;
    }
  | { kind: 'too-many' };

type Parts = RevealOptions & {
  server: string;
  newId: () => string;
  ttlMs: number;
  fourEyes: boolean;
  onStep: OnStep;
  onError: OnError;
  rows: Rows;
  places: Places;
  now: () => number;
  /** Whether the approval still answers its call. */
  isOpen: (approval: Approval) => boolean;
  /** Whether this process already used the approval, whatever its row says. */
  isUsed: (id: string) => boolean;
};

/** What a new request replaced, and the step to record for that. */
type ReplacedApproval = {
  step: 'seal-refused' | 'replay-refused' | 'expired' | 'voided' | 'outdated';
  approval: Approval;
};
type Replacement = { approval: Approval; replaced?: ReplacedApproval };

export function createRequests({ rows, places, server, ttlMs, fourEyes, ...parts }: Parts) {
  const { newId, now, isOpen, isUsed, onStep, onError } = parts;
  /** Requests that are being made: a thousand equal calls at the same time share one. */
  const making = new Map<string, Promise<RequestOutcome>>();

  async function ask(call: Call): Promise<RequestOutcome> {
    const binding = bindingOf(server, call);
    const key = keyOf(binding);
    const { approval } = await rows.read(key);
    const answers =
      approval !== undefined && isOpen(approval) && changeOf(approval.basis, call.basis) === undefined;
    if (answers) return { kind: approval.state, approval };
    const other = making.get(key);
    if (other !== undefined) {
      const outcome = await other;
      return outcome.kind === 'asked' ? { ...outcome, kind: 'pending' } : outcome;
    }
    const own = make(call, binding, key).finally(() => making.delete(key));
    making.set(key, own);
    return own;
  }

  async function make(
    { args, reason, basis, resumes }: Call,
    binding: Binding,
    key: string,
  ): Promise<RequestOutcome> {
    const createdAt = now();
    const requestId = newId();
    const request: Approval = {
      ...binding,
      id: requestId,
      ...(await hideArgs(args, requestId, ttlMs, parts)),
      reason,
      createdAt,
      expiresAt: createdAt + ttlMs,
      fourEyes,
      state: 'pending',
      ...(basis === undefined ? {} : { basis }),
      ...(resumes === undefined ? {} : { resumes }),
    };
    const { id, expiresAt } = request;
    const characters = JSON.stringify(request.args).length + (request.sealed?.length ?? 0);
    if (!(await places.take(binding, id, expiresAt, characters))) return { kind: 'too-many' };
    try {
      // The pointer comes first, because an equal call elsewhere may wait for the id at once.
      await rows.point(id, key, expiresAt);
      const { approval, replaced } = await rows.update(key, (row) => replace(row, key, request));
      if (approval !== request) {
        await freePlace(request);
        return { kind: approval.state, approval };
      }
      if (replaced !== undefined) await onStep(replaced.step, replaced.approval);
      await onStep('asked', approval);
      const changed = replaced?.step === 'outdated' ? changeOf(replaced.approval.basis, basis) : undefined;
      return { kind: 'asked', approval, changed };
    } catch (error) {
      // A row left behind would look recorded, and its approvers would never be notified.
      await withdraw(key, id).catch(() => {});
      await freePlace(request);
      throw error;
    }
  }

  /** Replaces the request in the row, unless that one still answers the call. */
  function replace(row: JsonObject | undefined, key: string, request: Approval): Step<Replacement> {
    const before = rows.open(row, key);
    const isOutdated = before !== undefined && changeOf(before.basis, request.basis) !== undefined;
    if (before !== undefined && isOpen(before) && !isOutdated) return { result: { approval: before } };
    const update = rows.put(request);
    if (row === undefined) return { ...update, result: { approval: request } };
    // A row without a valid seal is not trusted: only its id is read, for the record.
    const forged = { ...request, id: typeof row.id === 'string' ? row.id.slice(0, 100) : 'unknown' };
    const replaced: ReplacedApproval =
      before === undefined
        ? { step: 'seal-refused', approval: forged }
        : { step: isOpen(before) ? 'outdated' : endOf(before), approval: before };
    return { ...update, result: { approval: request, replaced } };
  }

  function endOf(approval: Approval): ReplacedApproval['step'] {
    if (approval.state === 'consumed' || isUsed(approval.id)) return 'replay-refused';
    // If it is neither used nor expired, people approved their own request although somebody else has to.
    return isExpired(approval, now()) ? 'expired' : 'voided';
  }

  /** A place that cannot be given back now expires with the request. */
  const freePlace = ({ id, ...binding }: Approval): Promise<void> =>
    places.giveBack(binding, id).catch((error: unknown) => onError(error, 'approval.failed'));

  const withdraw = (key: string, id: string): Promise<void> =>
    rows.update(key, (row): Step<void> => {
      const approval = rows.open(row, key);
      if (approval?.id !== id || approval.state !== 'pending') return { result: undefined };
      return { result: undefined, put: { value: {}, expiresAt: 0, tell: true } };
    });

  return { ask, freePlace };
}
