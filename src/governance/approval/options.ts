/** What keeps approvals needs, and the steps of an approval that it reports. */
import type { SharedState } from '../../cluster/shared-state.js';
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
  /** Its row in the shared state does not match its seal, so it approves nothing. */
  | 'seal-refused';

export type ApprovalsOptions = {
  state: SharedState;
  /** The name of the server whose calls these are. */
  server: string;
  /**
   * The keys that seal the rows of approvals, at least 32 bytes each: the first seals, all open. All replicas of the server have
   * the same keys, and nothing else has them. A function when they are known only later.
   */
  keys: SealKeys | (() => SealKeys);
  clock: () => Date;
  newId: () => string;
  /** How long a request, and with it its approval, holds, milliseconds; a quarter of an hour unless given. */
  ttlMs?: number;
  /** Nobody approves their own request. The rule is kept with each request and applies at every replica. */
  fourEyes?: boolean;
  /** Which accounts belong to one person; by default each user of each issuer is a separate person. */
  isOwn?: IsOwn;
  /** Called with each step before it counts; `by` is the person who looked or decided. */
  onStep: (step: ApprovalStep, approval: Approval, by?: Approver) => Promise<void>;
  /** Called for rows that somebody else changed, and for errors that no caller waits for. */
  onError?: (error: unknown, about: string) => void;
  after?: (ms: number, run: () => void) => () => void;
};
