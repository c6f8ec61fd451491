/** What policy decides about a request, and what the request asks for. */
import type { DenialReason } from '../denial.js';
import type { JsonObject } from '../value.js';

export type Decision = {
  allow: boolean;
  reason: string;
  /** The scopes that would let the same request through; absent if no scope would help. */
  scopes?: readonly string[];
  /** Whether a person's approval of this very call would let it through. */
  approvable?: true;
  /** The reason for programs, if neither scopes nor a person would help; by default `denied_by_policy`. */
  denial?: DenialReason;
  /** If a quota is spent: the seconds until the same request may get through. */
  retryAfterS?: number;
  /** Hides what the caller may not read in a result; absent if nothing is masked. */
  mask?: Mask;
  /** Which policy decided: the version of the embedded policy, or the decision's id in the log of an external engine. */
  policy?: string;
  id?: string;
  /** Whether this check took a unit of the quota for the call. */
  charged?: true;
  /** False in a dry run: the decision is recorded and not enforced. */
  enforced?: false;
};

/** Masks the personal columns of the JSON in a text and changes nothing else. */
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
  /** Whether the call took its unit of the quota: one, however often the call is checked. */
  readonly charged?: boolean;
  /** When a person approved exactly this call, in seconds since 1970. */
  readonly approvedAt?: number | undefined;
  /** The approval that the call waits for, or that it used up. */
  readonly approvalId?: string;
};
