/** Calls a tool the way the server does: arguments checked, the result checked and sent through JSON. */
import { Catalog } from '../../src/wire/mcp/catalog.js';
import { TaskStarted, type Tool, type ToolContext, ToolError } from '../../src/wire/mcp/definitions.js';

type Args = { [key: string]: unknown };

export async function call(
  tool: Tool,
  args: Args,
  signal: ToolContext['signal'] = new AbortController().signal,
  progress: ToolContext['progress'] = () => undefined,
): Promise<unknown> {
  const entry = new Catalog([tool]).entries.get(tool.name);
  const problem = entry?.checkArguments(args);
  if (problem !== undefined) throw new Error(`refused by inputSchema at "${problem.pointer}"`);
  const outcome = await tool.handler(args, contextOf(signal, progress));
  if (outcome instanceof TaskStarted) throw new Error('no tool here goes on as a task');
  const { structuredContent } = outcome;
  const sent: unknown = JSON.parse(JSON.stringify(structuredContent));
  const misfit = entry?.checkOutput?.(sent);
  if (misfit !== undefined) throw new Error(`does not fit outputSchema: ${JSON.stringify(misfit)}`);
  return sent;
}

function contextOf(signal: AbortSignal, progress: ToolContext['progress']): ToolContext {
  const never = (): never => {
    throw new Error('no tool here asks its caller');
  };
  return {
    signal,
    tenant: 'default',
    tenantKey: 'default',
    capabilities: {},
    progress,
    waitFor: (needed) => needed,
    log: () => undefined,
    ask: never,
    askAll: never,
    releaseStream: () => undefined,
    task: never,
  };
}

/** The message of the ToolError that a call ends with. */
export async function refusal(tool: Tool, args: Args): Promise<string> {
  try {
    await call(tool, args);
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** Where the input schema refuses the arguments, as a JSON pointer; undefined when it accepts them. */
export function misfit(tool: Tool, args: Args): string | undefined {
  return new Catalog([tool]).entries.get(tool.name)?.checkArguments(args)?.pointer;
}
