/** What policy decides about a request, and what the request asks for. */
import type { DenialReason } from '../denial.js';
import type { JsonObject } from '../value.js';

export type Decision = {
  allow: boolean;
  reason: string;
  /** The scopes with which the same request would be let through; absent where no scope would help. */
  scopes?: readonly string[];
  /** Whether a person's approval of this very call would let it through. */
  approvable?: true;
  /** Why, for programs, where neither scopes nor a person would help; by default the policy said no. */
  denial?: DenialReason;
  /** When the same request may be let through, seconds; where a quota is spent. */
  retryAfterS?: number;
  /** What the caller may read of a result. Absent where nothing is masked. */
  mask?: Mask;
  /** Which policy decided: the version of the embedded one, or the decision's id in an engine's own log. */
  policy?: string;
  id?: string;
  /** Whether this call took its share of the quota. */
  charged?: true;
  /** False in a dry run: the decision is recorded and not enforced. */
  enforced?: false;
};

/** From a text to the same text, or to one in which personal columns of the JSON in it are masked and nothing else differs. */
export type Mask = (text: string) => string;

/** What a request asks for, as its record shows it. */
export type Subject = {
  /** The name of the tool or prompt, or the URI. */
  target?: string | undefined;
  args?: JsonObject | undefined;
  /** Whether the tool changes something. */
  destructive?: boolean | undefined;
};

/** What lets a request run, or refuses it. Only authority.ts writes one. */
export type Authorization = {
  /** Every scope that the request needs. */
  readonly needed?: readonly string[];
  readonly decision?: Decision;
  /** Whether the call took its share of the quota, which it does once, however often it is checked. */
  readonly charged?: boolean;
  /** When a person approved exactly this call, seconds since 1970. */
  readonly approvedAt?: number | undefined;
  /** The approval that the call waits for, or that it used up. */
  readonly approvalId?: string;
};
