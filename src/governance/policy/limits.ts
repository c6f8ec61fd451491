/**
 * The limits of an operator besides scopes: how long the arguments of a tool may be, and how often a tenant may call it. rules.ts
 * has the rules, quota.ts the token buckets.
 */
import type { Tool } from '../../wire/mcp/definitions.js';
import type { PolicyTool } from './question.js';

/** For all tools, and for single ones by name; 0 for no limit. */
export type CallsPerMinute = { all?: number; tools?: { [tool: string]: number } };

export type Limits = {
  /** Characters of the arguments as JSON text, by tool. */
  payloadCaps?: { [tool: string]: number };
  callsPerMinute?: CallsPerMinute;
};

/** The tool as the rules see it. */
export function policyTool(
  { name, scope, destructive }: Pick<Tool, 'name' | 'scope' | 'destructive'>,
  { payloadCaps = {} }: Limits,
): PolicyTool {
  const tool = { required_scope: scope, destructive };
  const payload_cap = Object.hasOwn(payloadCaps, name) ? payloadCaps[name] : undefined;
  return payload_cap === undefined ? tool : { ...tool, payload_cap };
}

/** How often a tenant may call the tool in a minute; 0 when it has no quota. */
export function callsOf({ callsPerMinute: { all = 0, tools = {} } = {} }: Limits, tool: string): number {
  return (Object.hasOwn(tools, tool) ? tools[tool] : undefined) ?? all;
}
