/**
 * One call of a tool that may run: the tool is run, in the background where it wants that and the client knows tasks, and its
 * result is checked against its output schema and masked.
 */
import { Fault } from '../fault.js';
import { principalKey, tenantKey } from '../principal.js';
import { isRecord, type JsonObject } from '../value.js';
import { boundOf, checkSwitchedOn, reauthorize } from './authority.js';
import {
  type HandlerContext,
  TaskStarted,
  type ToolContext,
  ToolError,
  type ToolResult,
} from './definitions.js';
import { askAll } from './input-rounds.js';
import { plainQuestion } from './masking.js';
import type { ToolCall } from './mcp-server.js';
import { TASKS_EXTENSION } from './meta.js';
import { Stopped } from './request-context.js';
import { failed, shapeOf } from './result.js';
import { runHandler, untilNeeded } from './run-handler.js';
import type { TaskContext, TaskStore, TaskWork } from './task-store.js';

export function runCall(call: ToolCall): Promise<JsonObject | Fault> {
  const { answerSizes } = call.server;
  const { name } = call.entry.tool;
  if (answerSizes === undefined || answerSizes.sizeOf(name) !== undefined) return begin(call);
  return answerSizes.first(name, call.context.transport.after, () => begin(call));
}

async function begin(call: ToolCall): Promise<JsonObject | Fault> {
  return reserveRoom(call) ?? (await intend(call)) ?? runRecorded(call);
}

/** The refusal when there is no room for the answer; before anything is recorded or used up for the call. */
export function reserveRoom({ entry, context, server }: ToolCall): Fault | undefined {
  const size = server.answerSizes?.sizeOf(entry.tool.name) ?? 0;
  return size === 0 ? undefined : context.transport.room?.reserve(size);
}

/** Records on disk that a call is about to change something: whatever happens next, somebody can find out. */
export async function intend(call: ToolCall): Promise<Fault | undefined> {
  return call.entry.tool.destructive ? call.server.audit?.intent(call) : undefined;
}

/** Runs the call once its intent is recorded, where the tool changes something. */
export async function runRecorded(call: ToolCall): Promise<JsonObject | Fault> {
  const { entry, args, context } = call;
  const tasks = tasksFor(call);
  try {
    const handled = await runHandler(
      call,
      (own) => entry.tool.handler(args, tasks === undefined ? own : withTasks(own, tasks, call)),
      { before: () => checkSwitchedOn(call), again: () => reauthorize(call) },
    );
    if (handled instanceof Fault) return handled;
    if ('asks' in handled) return handled.asks;
    const { returned } = handled;
    return returned instanceof TaskStarted
      ? { resultType: 'task', ...returned.task }
      : shapeOf(call, returned);
  } catch (error) {
    // A cancelled or stopped call gets no result at all; the transport decides what, if anything, it sends.
    if (context.stopped !== undefined && context.stopped.why !== 'deadline') throw context.stopped;
    return failed(publicFailure(call, error), context.features);
  }
}

/** The tasks of the server, where this caller can be given one. */
export function tasksFor({ context, server }: ToolCall): TaskStore | undefined {
  const extensions = context.caller.capabilities?.extensions;
  const declared = isRecord(extensions) && isRecord(extensions[TASKS_EXTENSION]);
  return context.features.era === 'modern' && declared ? server.tasks : undefined;
}

type Work = (context: HandlerContext) => Promise<ToolResult>;

function withTasks(own: ToolContext, tasks: TaskStore, call: ToolCall): ToolContext {
  const task: ToolContext['task'] = async (work) => {
    const started = await startTask(tasks, call, async (background) => {
      const refused = checkSwitchedOn(call);
      if (refused !== undefined) throw refused;
      return finish(work, background, call);
    });
    // Thrown through the handler, because its own code stands between.
    if (started instanceof Fault) throw started;
    return started;
  };
  return Object.assign(own, { task });
}

/** A task for the rest of the call. Its end is recorded before its result can be fetched. */
export async function startTask(
  tasks: TaskStore,
  call: ToolCall,
  work: (context: TaskContext) => Promise<JsonObject>,
): Promise<TaskStarted | Fault> {
  const { context, server } = call;
  const { principal, capabilities = {} } = context.caller;
  const recorded: TaskWork = async (background) => {
    const { tenant } = principal;
    const result = await work({ ...background, tenant, tenantKey: tenantKey(principal) }).catch(
      async (error: unknown) => {
        const unrecorded = await server.audit?.taskEnded(call, { error });
        throw unrecorded ?? error;
      },
    );
    const unrecorded = await server.audit?.taskEnded(call, { result });
    if (unrecorded !== undefined) throw unrecorded;
    return result;
  };
  return tasks.start(principalKey(principal), capabilities, recorded, () => boundOf(context, server));
}

/** The call within a task that was begun for it, once its intent is on disk. @throws Fault, which fails the task */
export async function runInTask(call: ToolCall, background: TaskContext): Promise<JsonObject> {
  const { entry, args, context } = call;
  const refused = checkSwitchedOn(call);
  if (refused !== undefined) throw refused;
  context.handlerBegan = true;
  const work = async (own: HandlerContext): Promise<ToolResult> => {
    const tool: ToolContext = Object.assign(own, { task: async (inner: Work) => inner(own) });
    const outcome = await entry.tool.handler(args, tool);
    if (outcome instanceof TaskStarted) throw new Error('a task within a task');
    return outcome;
  };
  return finish(work, background, call);
}

/** The result of a task's work. A failure of the tool is a result; anything else fails the task (SEP-2663, task status). */
async function finish(work: Work, background: TaskContext, call: ToolCall): Promise<JsonObject> {
  let refused: unknown;
  const goOn = async (): Promise<void> => {
    const refusal = await reauthorize(call).catch((stopped: unknown) => stopped);
    if (refusal === undefined) return;
    refused ??= refusal;
    if (refusal instanceof Fault) background.refuse(refusal);
    throw refusal;
  };
  const ask: HandlerContext['ask'] = async (key, question) => {
    const answer = await background.ask(key, plainQuestion(call.context, question));
    await goOn();
    return answer;
  };
  try {
    const result = await work({
      ...background,
      ask,
      askAll: (requests) => askAll(requests, ask),
      waitFor: (needed) => untilNeeded(needed, call.context, goOn),
    });
    // Work that ignored the stop must not count.
    if (refused !== undefined) throw refused;
    return shapeOf(call, result);
  } catch (error) {
    if (refused !== undefined) throw refused;
    if (error instanceof ToolError) return failed(error.message, call.context.features);
    throw error;
  }
}

function publicFailure({ entry, request, context, server }: ToolCall, error: unknown): string {
  if (error instanceof ToolError) return error.message;
  if (context.stopped instanceof Stopped) return `${entry.tool.name} was stopped: ${context.stopped.message}`;
  server.onError(error, request);
  return `${entry.tool.name} failed; the reason is in the server's log`;
}
