/**
 * What a policy is asked: may this token call this tool of this server with these arguments, now? The names of the
 * members are those of the Python reference, which the recorded outcomes and the Rego policy share.
 *
 * Scopes are compared character by character and nothing is derived from them here. What follows from a scope by the
 * configured hierarchy was added when the token was verified: a principal's scopes are closed already, so that the
 * embedded policy, the Rego one and the audit trail all see the same set.
 */
import { APPROVED } from '../../oauth/scopes.js';
import type { Principal } from '../../wire/principal.js';

/** Granted by a person's click, and worth something for `APPROVAL_WINDOW_S` only. */
export const APPROVED_BY_HUMAN = APPROVED;
export const APPROVAL_WINDOW_S = 900;
/** The most characters that arguments may have, counted as `payloadChars` does. */
export const PAYLOAD_LIMIT = 8_192;

export type PolicyTool = {
  required_scope: string;
  destructive: boolean;
  /** The most characters of this tool's arguments; a number above `PAYLOAD_LIMIT` changes nothing. */
  payload_cap?: number;
};

/** Its own tools and nothing inherited: a Map has no `constructor` to be called by name. */
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

/** What came out of the call's token bucket (quota.ts). */
export type QuotaOutcome = { allow: boolean; retryAfterS: number };

export type Question = {
  server: PolicyServer;
  tool: string;
  token: PolicyToken;
  args: unknown;
  /** Seconds since 1970. */
  now: number;
  /** Absent where the tool has no quota, or none was taken yet. */
  quota?: QuotaOutcome | undefined;
};

export function policyToken({ user, issuer, tenant, scopes, approvedAt }: Principal): PolicyToken {
  return { user, issuer, tenant, scopes, approved_at: approvedAt };
}

/** Every scope that a call of the tool needs: a challenge names them all at once. */
export function neededScopes({ required_scope, destructive }: PolicyTool): readonly string[] {
  return destructive ? [required_scope, APPROVED_BY_HUMAN] : [required_scope];
}
