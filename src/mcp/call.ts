/**
 * One call of a tool that may run: the tool is run, in the background where it wants that and the client knows tasks, and its
 * result is held against its own promise and masked.
 */
import { Fault } from '../fault.js';
import type { Request } from '../jsonrpc/message.js';
import { principalKey } from '../principal.js';
import { problemText } from '../schema/problem.js';
import { isRecord, type JsonObject } from '../value.js';
import type { Entry } from './catalog.js';
import type { HandlerContext } from './context.js';
import { type Exchange, Stopped } from './exchange.js';
import { runHandler } from './handling.js';
import { maskResult } from './masking.js';
import { TASKS_EXTENSION } from './meta.js';
import type { McpServer } from './server.js';
import { failed, shapeResult } from './shape.js';
import type { TaskContext, TaskDesk } from './task-desk.js';
import { TaskStarted, type ToolContext, ToolError, type ToolOutcome, type ToolResult } from './tool.js';

export type Call = {
  entry: Entry;
  args: JsonObject;
  request: Request;
  exchange: Exchange;
  server: McpServer;
};

export async function runCall(call: Call): Promise<JsonObject> {
  const { entry, args, request, exchange, server } = call;
  const shape = shapeOf(call);
  try {
    if (entry.tool.destructive) await intend(call);
    exchange.account.ran = true;
    return await runHandler(
      request,
      exchange,
      server,
      (context) => entry.tool.handler(args, withTask(context, call)),
      (outcome) =>
        outcome instanceof TaskStarted ? { resultType: 'task', ...outcome.task } : shape(outcome),
    );
  } catch (error) {
    if (error instanceof Fault) throw error;
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, is said.
    if (exchange.stopped !== undefined && exchange.stopped.why !== 'deadline') throw exchange.stopped;
    return shapeResult(failed(readable(call, error)), exchange.features);
  }
}

/** On disk before it runs: whatever happens next, somebody can find out that it was about to. */
async function intend({ request, exchange, server }: Call): Promise<void> {
  await server.journal?.intent(request, exchange);
}

function shapeOf({ entry, exchange }: Call): (result: ToolResult) => JsonObject {
  return (result) =>
    shapeResult(
      maskResult(checked(entry, result), exchange.account.decision?.mask, entry),
      exchange.features,
    );
}

/** The tasks of the server, where this caller can be given one. */
export function tasksFor({ exchange, server }: Call): TaskDesk | undefined {
  const extensions = exchange.caller.capabilities?.extensions;
  const known = isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  return exchange.features.era === 'modern' && known ? server.tasks : undefined;
}

type Work = (context: HandlerContext) => Promise<ToolResult>;

function withTask(context: ToolContext, call: Call): ToolContext {
  const tasks = tasksFor(call);
  if (tasks === undefined) return context;
  const task = async (work: Work): Promise<TaskStarted> =>
    startTask(tasks, call, (background) => ended(work, background, shapeOf(call)));
  return Object.assign(context, { task });
}

/** A task for the rest of the call. Its end is written down before its result can be fetched. */
export function startTask(
  tasks: TaskDesk,
  { request, exchange, server }: Call,
  work: (context: TaskContext) => Promise<JsonObject>,
): TaskStarted | Promise<TaskStarted> {
  const { principal, capabilities = {} } = exchange.caller;
  return tasks.start(principalKey(principal), capabilities, async (background) => {
    const context = Object.assign(background, { tenant: principal.tenant });
    const result = await work(context).catch(async (error: unknown) => {
      await server.journal?.taskEnded(request, exchange, { error });
      throw error;
    });
    await server.journal?.taskEnded(request, exchange, { result });
    return result;
  });
}

/** The call within a task that was begun for it. */
export async function runInTask(call: Call, background: HandlerContext): Promise<JsonObject> {
  const { entry, args, exchange } = call;
  if (entry.tool.destructive) await intend(call);
  exchange.account.ran = true;
  const work = async (context: HandlerContext): Promise<ToolResult> => {
    const own: ToolContext = Object.assign(context, { task: async (inner: Work) => inner(context) });
    return finished(await entry.tool.handler(args, own));
  };
  return ended(work, background, shapeOf(call));
}

function finished(outcome: ToolOutcome): ToolResult {
  if (outcome instanceof TaskStarted) throw new Error('a task within a task');
  return outcome;
}

/** What the tool itself says is a result; anything else fails the task (SEP-2663, task status). */
async function ended(
  work: Work,
  context: HandlerContext,
  shape: (result: ToolResult) => JsonObject,
): Promise<JsonObject> {
  try {
    return shape(await work(context));
  } catch (error) {
    if (error instanceof ToolError) return shape(failed(error.message));
    throw error;
  }
}

function checked({ tool, checkOutput }: Entry, result: ToolResult): ToolResult {
  if (checkOutput === undefined || result.isError === true) return result;
  const problem = checkOutput(result.structuredContent);
  if (problem !== undefined) throw new Error(`${tool.name} broke its outputSchema: ${problemText(problem)}`);
  return result;
}

function readable({ entry, request, exchange, server }: Call, error: unknown): string {
  if (error instanceof ToolError) return error.message;
  if (exchange.stopped instanceof Stopped)
    return `${entry.tool.name} was stopped: ${exchange.stopped.message}`;
  server.onError(error, request);
  return `${entry.tool.name} failed; the reason is in the server's log`;
}
