/** What keeps approvals needs, and the steps of an approval that it reports. */
import type { SharedState } from '../shared-state.js';
import type { Approval, Approver, IsOwn } from './approval.js';
import type { SealKeys } from './seal.js';

export type ApprovalStep =
  | 'asked'
  | 'shown'
  | 'approved'
  | 'refused'
  | 'expired'
  | 'consumed'
  | 'replay-refused'
  /** What was recorded before of this approval did not take place. */
  | 'voided'
  /** Its row in the shared state is not as it was sealed, so it counts for nothing. */
  | 'seal-refused';

export type ApprovalsOptions = {
  state: SharedState;
  /** The name of the server whose calls these are. */
  server: string;
  /**
   * What seals the rows of approvals, at least 32 bytes each: the first seals, all open. The same at all replicas of the server, and
   * known to nothing else. A function where they are known only later.
   */
  keys: SealKeys | (() => SealKeys);
  clock: () => Date;
  newId: () => string;
  /** How long a request, and with it its approval, holds, milliseconds; a quarter of an hour unless given. */
  ttlMs?: number;
  /** Nobody approves what they have asked for themselves. It is kept with each request, and holds at every replica. */
  fourEyes?: boolean;
  /** Who counts as the same person; unless given, the same user of the same issuer. */
  isOwn?: IsOwn;
  /** Called with each step before it counts; `by` is the person who looked or decided. */
  onStep: (step: ApprovalStep, approval: Approval, by?: Approver) => Promise<void>;
  /** Told of rows that somebody else has changed, and of what nobody waits for. */
  onError?: (error: unknown, about: string) => void;
  after?: (ms: number, run: () => void) => () => void;
};
