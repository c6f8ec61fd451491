/**
 * The question for a policy: may this token call this tool of this server with these arguments, now? The members have the names of
 * the Python reference, which the recorded outcomes and the Rego policy use too.
 *
 * Scopes are compared character by character. Scopes that follow from others by the configured hierarchy were added when the token
 * was verified, so the embedded policy, the Rego policy and the audit log all see the same set.
 */
import { APPROVED } from '../../oauth/scopes.js';

/** Granted by a person's click, and valid for `APPROVAL_WINDOW_S` only. */
export const APPROVED_BY_HUMAN = APPROVED;
export const APPROVAL_WINDOW_S = 900;
/** The most characters that arguments may have, as `payloadChars` counts them. */
export const PAYLOAD_LIMIT = 8_192;

export type PolicyTool = {
  required_scope: string;
  destructive: boolean;
  /** The most characters of this tool's arguments; a number above `PAYLOAD_LIMIT` changes nothing. */
  payload_cap?: number;
};

/** A Map has only its own members, and no `constructor` that somebody could call by name. */
export type PolicyServer = { name: string; tools: ReadonlyMap<string, PolicyTool> };

export type PolicyToken = {
  user: string;
  /** Names of users and tenants are unique only within their issuer. */
  issuer?: string;
  tenant?: string;
  scopes: readonly string[];
  /** Seconds since 1970; undefined when nobody approved. */
  approved_at: number | undefined;
};

/** What the call's token bucket says (quota.ts). */
export type QuotaOutcome = { allow: boolean; retryAfterS: number };

export type Question = {
  server: PolicyServer;
  tool: string;
  token: PolicyToken;
  args: unknown;
  /** Seconds since 1970. */
  now: number;
  /** Absent when the tool has no quota, or nothing was taken from it yet. */
  quota?: QuotaOutcome | undefined;
};

/** Every scope that a call of the tool needs; a challenge names them all at once. */
export function neededScopes({ required_scope, destructive }: PolicyTool): readonly string[] {
  return destructive ? [required_scope, APPROVED_BY_HUMAN] : [required_scope];
}
