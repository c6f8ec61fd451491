/**
 * What a request turned out to be: what was decided over it, and what else its record tells. The methods fill in the
 * account as they go.
 */
import type { JsonObject } from '../value.js';

export type Decision = {
  allow: boolean;
  reason: string;
  /** The scopes with which the same request would be let through; absent where no scope would help. */
  scopes?: readonly string[];
  /** Whether a person's approval of this very call would let it through. */
  approvable?: true;
  /** When the same request may be let through, seconds; where a quota is spent. */
  retryAfterS?: number;
  /** What the caller may read of a result. Absent where nothing is masked. */
  mask?: Mask;
  /** Which policy decided: the version of the embedded one, or the decision's id in an engine's own log. */
  policy?: string;
  id?: string;
  /** Whether this call took its share of the quota. */
  charged?: true;
  /** False in a dry run: what is decided is written down, and nothing comes of it. */
  enforced?: false;
};

/** From a text to the same text, or to one in which personal columns of the JSON in it are masked and nothing else differs. */
export type Mask = (text: string) => string;

export type AuditContext = {
  /** One for all records of a request. */
  id?: string;
  /** The name of the tool or prompt, or the URI, that was asked for. */
  target?: string;
  args?: JsonObject;
  destructive?: boolean;
  /** Every scope that the request needs. */
  needed?: readonly string[];
  decision?: Decision;
  /** Whether the call took its share of the quota, which it does once, however often it is checked. */
  charged?: true;
  /** When a person approved exactly this call, seconds since 1970. */
  approvedAt?: number | undefined;
  /** Whether its handler was begun. */
  ran?: boolean;
  /** The approval that it waits for, or that was used up for it. */
  approvalId?: string;
};
