/** Checks arguments against a tool's schema before they are sent, so that a mistake is named where it was made. */
import type { Look } from '../../lesson/look.js';
import { didYouMean } from '../../wire/mcp/nearest.js';
import { compileSchema, SchemaRefused } from '../../wire/schema/compile.js';
import { problemText } from '../../wire/schema/problem.js';
import { isRecord, type JsonObject, preview } from '../../wire/value.js';
import { parameterLines } from './catalog-text.js';
import { exampleCall } from './example.js';
import { type Target, WrongUsage } from './invocation.js';
import { safeLine } from './safe.js';

/**
 * @param warn gets a line if the schema cannot be checked here; then the server decides
 * @throws WrongUsage that names the argument, what was expected, and what was received
 */
export function checkArguments(
  tool: JsonObject,
  args: JsonObject,
  { target, look, warn }: { target: Target; look: Look; warn(line: string): void },
): void {
  const { name, inputSchema } = tool;
  let check: ReturnType<typeof compileSchema>;
  try {
    check = compileSchema(`the input schema of ${safeLine(name)}`, inputSchema);
  } catch (error) {
    if (!(error instanceof SchemaRefused)) throw error;
    warn(`The arguments are sent unchecked: ${safeLine(error.message)}`);
    return;
  }
  const problem = check(args);
  if (problem === undefined) return;
  const { properties } = isRecord(inputSchema) ? inputSchema : {};
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const [unknownName] = Object.keys(args).filter((key) => names.length > 0 && !names.includes(key));
  const near = unknownName === undefined ? '' : didYouMean(unknownName, names);
  const hint = near === '' ? '' : `; there is no argument ${safeLine(preview(unknownName))}${safeLine(near)}`;
  throw new WrongUsage(
    [
      `${safeLine(name)}: ${safeLine(problemText(problem), 500)}${hint}`,
      ...parameterLines(inputSchema, look),
      `  for example: ${exampleCall(target, tool)}`,
      '  --no-validate sends the arguments as they are.',
    ].join('\n'),
  );
}
