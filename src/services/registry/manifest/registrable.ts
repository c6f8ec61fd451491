/**
 * Whether a tool may stand on a server at all: nobody can decide about a call of a tool without scope, nobody can tell
 * what one without description does, and a server for reading has nothing that changes state. Its name's uniqueness
 * and its schemas are the catalog's business.
 */
import { type Check, compileSchema } from '../../../wire/schema/compile.js';
import type { Problem } from '../../../wire/schema/problem.js';
import { TOLD_OF_A_TOOL } from './schema.js';

/** Loose, since a tool may come from somebody's own module, which no compiler has seen. */
export type Candidate = { [Name in keyof typeof TOLD_OF_A_TOOL]?: unknown };

const SCHEMA = {
  type: 'object',
  properties: TOLD_OF_A_TOOL,
  required: ['name', 'description', 'scope', 'destructive'],
};
let compiled: Check | undefined;

/** Undefined when it may; pointers lead into the tool. */
export function checkRegistrable(tool: Candidate, destructiveAllowed: boolean): Problem | undefined {
  compiled ??= compileSchema('what is told of a tool', SCHEMA);
  const { name, title, description, scope, destructive } = tool;
  const problem = compiled({ name, title, description, scope, destructive });
  if (problem !== undefined || destructive !== true || destructiveAllowed) return problem;
  return {
    pointer: '/destructive',
    expected: 'false, since this server is for reading',
    received: 'boolean true',
  };
}
