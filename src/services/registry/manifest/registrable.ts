/**
 * Whether a tool may be registered: policy cannot decide about a tool without a scope, nobody can tell what a tool without a
 * description does, and a read-only server has no tool that changes state. The catalog checks that its name is unique, and
 * its schemas.
 */
import { type Check, compileSchema } from '../../../wire/schema/compile.js';
import type { Problem } from '../../../wire/schema/problem.js';
import { plainlyFits } from './plainly-fits.js';
import { TOOL_PROPERTIES } from './schema.js';

/** Loose, because a tool may come from a JavaScript module that no compiler has checked. */
export type Candidate = { [Name in keyof typeof TOOL_PROPERTIES]?: unknown };

const SCHEMA = {
  type: 'object',
  properties: TOOL_PROPERTIES,
  required: ['name', 'description', 'scope', 'destructive'],
};
let check: Check | undefined;

function problemOf(members: Candidate): Problem | undefined {
  check ??= compileSchema('the members of a tool', SCHEMA, true);
  return check(members);
}

/** Undefined when it may be registered. */
export function checkRegistrable(tool: Candidate, destructiveAllowed: boolean): Problem | undefined {
  const { name, title, description, scope, destructive } = tool;
  const members = { name, title, description, scope, destructive };
  const problem = plainlyFits(SCHEMA, members) ? undefined : problemOf(members);
  if (problem !== undefined || destructive !== true || destructiveAllowed) return problem;
  return {
    pointer: '/destructive',
    expected: 'false, since this server is for reading',
    received: 'boolean true',
  };
}
