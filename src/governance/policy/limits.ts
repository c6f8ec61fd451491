/**
 * The limits of an operator besides scopes: how long the arguments of a tool may be, and how often a tenant may call it. The rules
 * are in rules.ts; here are the token buckets, which replicas share.
 */
import { type SharedState, StateUnavailable } from '../../cluster/shared-state.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import { type Principal, tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { PolicyTool, QuotaOutcome } from './question.js';

/** For all tools, and for single ones by name; 0 for no limit. */
export type CallsPerMinute = { all?: number; tools?: { [tool: string]: number } };

export type Limits = {
  /** Characters of the arguments as JSON text, by tool. */
  payloadCaps?: { [tool: string]: number };
  callsPerMinute?: CallsPerMinute;
};

/** `perSecond` is above 0; `burst`, at least 1, is the most calls that can come at once. */
export type Quota = { perSecond: number; burst: number };

/** How many calls were left at a moment, in seconds since 1970. */
export type Bucket = { tokens: number; at: number };

/** After this long without calls a bucket is full again and need not be kept, milliseconds. */
const FULL_AFTER_MS = 60_000;
/** The rounding of doubles must not refuse a caller who waited exactly as long as the answer said. */
const SLACK = 1e-6;

/** The tool as the rules see it. */
export function policyTool({ name, scope, destructive }: Tool, { payloadCaps = {} }: Limits): PolicyTool {
  const tool = { required_scope: scope, destructive };
  const payload_cap = Object.hasOwn(payloadCaps, name) ? payloadCaps[name] : undefined;
  return payload_cap === undefined ? tool : { ...tool, payload_cap };
}

/** How often a tenant may call the tool in a minute; 0 when it has no quota. */
export function callsOf({ callsPerMinute: { all = 0, tools = {} } = {} }: Limits, tool: string): number {
  return (Object.hasOwn(tools, tool) ? tools[tool] : undefined) ?? all;
}

/** Takes one of `calls` per minute from a tenant's bucket. @throws StateUnavailable */
export async function takeCall(
  calls: number,
  state: SharedState | undefined,
  { server, tool, caller }: { server: string; tool: string; caller: Pick<Principal, 'issuer' | 'tenant'> },
  now: Date,
): Promise<QuotaOutcome> {
  if (state === undefined) throw new StateUnavailable('a quota needs a place for its buckets');
  const key = JSON.stringify([server, tenantKey(caller), tool]);
  return state.update('quota', key, ({ tokens, at }: JsonObject = {}) => {
    const stored = typeof tokens === 'number' && typeof at === 'number' ? { tokens, at } : undefined;
    const quota = { perSecond: calls / 60, burst: calls };
    const { bucket, ...outcome } = takeFrom(stored, now.getTime() / 1_000, quota);
    return { result: outcome, put: { value: bucket, expiresAt: now.getTime() + FULL_AFTER_MS } };
  });
}

/** One call of a token bucket; without a bucket it is full. `retryAfterS` is in whole seconds, as in `Retry-After`. */
export function takeFrom(
  bucket: Bucket | undefined,
  now: number,
  { perSecond, burst }: Quota,
): QuotaOutcome & { bucket: Bucket } {
  const { tokens, at } = bucket ?? { tokens: burst, at: now };
  // Replicas' clocks differ: one that is behind neither refills a bucket nor turns its time back.
  const moment = Math.max(at, now);
  const filled = Math.min(burst, tokens + (moment - at) * perSecond);
  if (filled + SLACK >= 1)
    return { allow: true, retryAfterS: 0, bucket: { tokens: Math.max(0, filled - 1), at: moment } };
  const retryAfterS = Math.max(1, Math.ceil((1 - filled) / perSecond - SLACK + (moment - now)));
  return { allow: false, retryAfterS, bucket: { tokens: filled, at: moment } };
}
