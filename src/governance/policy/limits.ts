/**
 * What an operator limits besides scopes: how long the arguments of a tool may be, and how often a tenant may call it.
 * The rules are policy's; here is whose bucket a call takes from, and that replicas take from the same one.
 */

import { type SharedState, StateUnavailable } from '../../cluster/shared-state.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import { type Principal, tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { PolicyTool, QuotaOutcome } from './question.js';
import { type Bucket, perMinute, takeFrom } from './quota.js';

/** For all tools, and for single ones by name; 0 for no limit. */
export type CallsPerMinute = { all?: number; tools?: { [tool: string]: number } };

export type Limits = {
  /** Characters of the arguments as JSON text, by tool. */
  payloadCaps?: { [tool: string]: number };
  callsPerMinute?: CallsPerMinute;
};

/** Once this long nobody has called, a bucket is full again and need not be kept, milliseconds. */
const FULL_AFTER_MS = 60_000;

/** How often a tenant may call the tool in a minute; 0 where it has no quota. */
export function callsOf({ callsPerMinute = {} }: Limits, tool: string): number {
  const { all = 0, tools } = callsPerMinute;
  return (tools !== undefined && Object.hasOwn(tools, tool) ? tools[tool] : undefined) ?? all;
}

/** One call of a tenant's bucket; undefined where the tool has no quota. @throws StateUnavailable */
export async function takeCall(
  limits: Limits,
  state: SharedState | undefined,
  { server, tool, caller }: { server: string; tool: string; caller: Pick<Principal, 'issuer' | 'tenant'> },
  now: Date,
): Promise<QuotaOutcome | undefined> {
  const calls = callsOf(limits, tool);
  if (calls === 0) return undefined;
  if (state === undefined) throw new StateUnavailable('a quota needs a place for its buckets');
  return state.update('quota', JSON.stringify([server, tenantKey(caller), tool]), (value) => {
    const { bucket, ...outcome } = takeFrom(bucketOf(value), now.getTime() / 1_000, perMinute(calls));
    return { result: outcome, put: { value: bucket, expiresAt: now.getTime() + FULL_AFTER_MS } };
  });
}

function bucketOf(value: JsonObject | undefined): Bucket | undefined {
  const { tokens, at } = value ?? {};
  return typeof tokens === 'number' && typeof at === 'number' ? { tokens, at } : undefined;
}

/** The tool as rules know it. */
export function policyTool({ name, scope, destructive }: Tool, { payloadCaps }: Limits): PolicyTool {
  const payload_cap =
    payloadCaps !== undefined && Object.hasOwn(payloadCaps, name) ? payloadCaps[name] : undefined;
  return { required_scope: scope, destructive, ...(payload_cap === undefined ? {} : { payload_cap }) };
}
