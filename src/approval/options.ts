/** What keeps approvals needs, and the steps of an approval that it reports. */
import type { SharedState } from '../shared-state.js';
import type { Approval, Approver } from './approval.js';

export type ApprovalStep =
  | 'asked'
  | 'shown'
  | 'approved'
  | 'refused'
  | 'expired'
  | 'consumed'
  | 'replay-refused'
  /** What was recorded before of this approval did not take place. */
  | 'voided';

export type ApprovalsOptions = {
  state: SharedState;
  /** The name of the server whose calls these are. */
  server: string;
  clock: () => Date;
  newId: () => string;
  /** How long a request, and with it its approval, holds, milliseconds; a quarter of an hour unless given. */
  ttlMs?: number;
  /** Nobody approves what they have asked for themselves. */
  fourEyes?: boolean;
  /** Called with each step before it counts; `by` is the person who looked or decided. */
  onStep: (step: ApprovalStep, approval: Approval, by?: Approver) => Promise<void>;
  after?: (ms: number, run: () => void) => () => void;
};
